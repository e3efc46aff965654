// How packets travel and why a session ended are part of this module's vocabulary.
@_exported public import SocketIOWire
