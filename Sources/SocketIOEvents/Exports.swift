// `JSONValue`, and what it stands on, are part of this module's vocabulary.
@_exported public import SocketIOWire
