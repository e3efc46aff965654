// What every test file here reads and writes with.
@_exported import TestSupport
