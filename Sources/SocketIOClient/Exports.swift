// A client author writes `import SocketIOClient` and has the events' vocabulary too.
@_exported public import SocketIOEvents
