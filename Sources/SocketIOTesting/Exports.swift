// A test writes `import SocketIOTesting` and has the server, the client and the events' vocabulary.
@_exported public import SocketIO
@_exported public import SocketIOClient
