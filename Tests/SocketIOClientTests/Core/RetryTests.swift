import NetLoop
import SocketIOEvents
import Testing

@testable import SocketIOClient

/// `retries` over connections that are lost.
@Suite struct RetryTests {
    private func sends(of scenario: Scenario) -> [String] { scenario.sent.filter { $0.hasPrefix("2") } }

    private func lose(_ scenario: Scenario) {
        scenario.run { scenario.session?.fail(nil, because: .transportClose) }
        scenario.advance(.milliseconds(500))
    }

    /// Connects, and delivers nothing that the client sends but CONNECT.
    private func reconnect(_ scenario: Scenario) {
        scenario.run { scenario.session?.opens() }
        scenario.run {
            guard let session = scenario.session else {
                Issue.record("no connection")
                return
            }
            session.serverReceives()
            session.decide("/", accepts: true)
            session.clientReceives()
        }
    }

    @Test func `an event whose connection is lost is sent again over the next one, and its wait goes on`() throws {
        let scenario = try Scenario()
        let socket = scenario.manager.socket { $0.retries = 2 }
        socket.open()
        scenario.settle()
        scenario.run {
            scenario.loop.start {
                do throws(AckError) {
                    let _: JSONValue = try await socket.emitWithAck("n", 1)
                    scenario.log.append("acknowledged")
                } catch { scenario.log.append("\(error)") }
            }
            socket.emit("n", 2)
        }
        #expect(sends(of: scenario) == [#"20["n",1]"#])
        lose(scenario)
        #expect(scenario.log.isEmpty)
        scenario.settle()
        scenario.run {}
        #expect(scenario.log == ["acknowledged"])
        #expect(sends(of: scenario) == [#"20["n",1]"#, #"20["n",1]"#, #"21["n",2]"#])
        #expect(scenario.arrived == [#"/ 0["n",1]"#, #"/ 1["n",2]"#])
    }

    @Test func `over however many connections, it is sent as often as retries says, and then told`() throws {
        let scenario = try Scenario()
        let told = Lines()
        scenario.manager.onHandlerError { error, _ in told.append("\((error as? ClientError)?.code.description ?? "")")
        }
        let socket = scenario.manager.socket { $0.retries = 1 }
        socket.open()
        scenario.settle()
        scenario.run {
            scenario.loop.start {
                do throws(AckError) {
                    let _: JSONValue = try await socket.emitWithAck("n", 1, timeout: .seconds(600))
                } catch { scenario.log.append("\(error.code)") }
            }
            socket.emit("n", 2)
        }
        for _ in 0..<2 {
            #expect(scenario.log.isEmpty && told.all.isEmpty)
            lose(scenario)
            reconnect(scenario)
        }
        scenario.run {}
        #expect(scenario.log == ["timedOut"])
        #expect(told.all == ["unacknowledged"])
        #expect(sends(of: scenario) == [#"20["n",1]"#, #"20["n",1]"#, #"21["n",2]"#])
    }

    @Test func `without retries the wait ends with the connection, and the event is not sent again`() throws {
        let scenario = try Scenario()
        let socket = scenario.manager.socket()
        socket.open()
        scenario.settle()
        scenario.run {
            scenario.loop.start {
                do throws(AckError) {
                    let _: JSONValue = try await socket.emitWithAck("n", 1)
                } catch { scenario.log.append("\(error.code)") }
            }
        }
        lose(scenario)
        scenario.settle()
        #expect(scenario.log == ["disconnected"])
        #expect(sends(of: scenario) == [#"20["n",1]"#])
    }
}
