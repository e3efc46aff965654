import ChatEvents
import Testing

@testable import chat_client

/// How the connection comes and goes, and how it is over.
struct SessionEndTests {
    // MARK: Connecting

    @Test func `says why it cannot connect, once for each reason`() {
        var stage = Stage()
        #expect(stage.take(.attemptFailed("no")) == [.warn("-- cannot connect: no; trying again")])
        #expect(stage.take(.attemptFailed("no")) == [])
        #expect(stage.take(.attemptFailed("never")).count == 1)
        stage.take(.connected)
        stage.take(.connectionLost("gone"))
        #expect(stage.take(.attemptFailed("never")).count == 1)
    }

    @Test func `what was on its way when the connection went is not sent twice, but told`() {
        for inputs in [[Session.Input.connectionLost("gone"), lost], [lost, .connectionLost("gone")]] {
            var stage = Stage.inRoom()
            stage.type("one", "two")
            let actions = inputs.flatMap { stage.take($0) }
            #expect(actions.contains(.warn("-- perhaps not sent (gone): one")))
            #expect(actions.contains(.warn("-- connection lost: gone; connecting again…")))
            #expect(!actions.contains { if case .ask = $0 { true } else { false } })
            #expect(stage.take(.connected).last == .ask(.join("lobby", since: 0)))
            #expect(stage.take(.answer(.entry(reply("lobby")))).last == .ask(.say(room: "lobby", "two")))
        }
    }

    @Test func `the word that there is no answer may come after the next connection`() {
        var stage = Stage.inRoom()
        stage.type("one", "two")
        stage.take(.connectionLost("gone"))
        #expect(stage.take(.connected) == [.print("-- connected again")])
        #expect(stage.take(lost).last == .ask(.join("lobby", since: 0)))
        #expect(stage.take(.answer(.entry(reply("lobby")))).last == .ask(.say(room: "lobby", "two")))
    }

    @Test func `to enter a room is asked again on the next connection`() {
        var stage = Stage.inRoom()
        stage.type("/join swift")
        stage.take(.connectionLost("gone"))
        #expect(stage.take(lost) == [])
        #expect(stage.take(.connected).last == .ask(.join("lobby", since: 0)))
        #expect(stage.take(.answer(.entry(reply("lobby")))).last == .ask(.join("swift", since: 0)))
    }

    @Test func `what waits for its second chance keeps its place when the connection goes`() {
        var stage = Stage.inRoom()
        stage.type("one", "two")
        stage.take(.answer(.receipt(Receipt(error: "Too fast.", retryAfter: 1))))
        stage.take(.connectionLost("gone"))
        #expect(stage.take(.pauseOver) == [])
        stage.take(.connected)
        #expect(stage.take(.answer(.entry(reply("lobby")))).last == .ask(.say(room: "lobby", "one")))
    }

    @Test func `what was asked without a connection is asked on the next one, and nobody is told of doubts`() {
        let away = Session.Input.answer(.notSent)
        for inputs in [[away, .connectionLost("gone")], [.connectionLost("gone"), away]] {
            for isAttended in [false, true] {
                var stage = Stage.inRoom(isAttended: isAttended)
                stage.type("one", "two")
                let actions = inputs.flatMap { stage.take($0) }
                #expect(actions.count { if case .warn = $0 { true } else { false } } == 1)
                #expect(!actions.contains { if case .ask = $0 { true } else { false } })
                stage.take(.pauseOver)
                #expect(stage.take(.connected).last == .ask(.join("lobby", since: 0)))
                #expect(stage.take(.answer(.entry(reply("lobby")))).last == .ask(.say(room: "lobby", "one")))
                stage.take(done)
                stage.take(done)
                #expect(stage.take(.endOfInput) == [.end(failure: nil)])
            }
        }
    }

    @Test func `a room that was asked for before the connection was there is asked for again`() {
        var stage = Stage()
        stage.take(.connected)
        guard case .pause? = stage.take(.answer(.notSent)).last else { return #expect(Bool(false)) }
        #expect(stage.take(.pauseOver) == [.ask(.join("lobby", since: 0))])
    }

    @Test func `one who is refused on the way back hears it, and can come by another name`() {
        var stage = Stage.inRoom()
        stage.type("one")
        stage.take(.connectionLost("gone"))
        stage.take(lost)
        #expect(stage.type("two").count == 1)
        #expect(stage.take(.refused("Taken.")).first == .warn("-- Taken."))
        #expect(stage.type("/connect") == [.connect(name: "ada")])
        #expect(stage.take(.refused("Taken.")).first == .warn("-- Taken."))
        #expect(stage.type("/nick bob") == [.connect(name: "bob")])
        stage.take(.connected)
        #expect(stage.take(.answer(.entry(reply("lobby")))).last == .ask(.say(room: "lobby", "two")))
    }

    @Test func `one who is refused while something is asked again asks no further`() {
        var stage = Stage()
        stage.take(.connected)
        stage.take(.answer(.notSent))
        stage.take(.refused("Taken."))
        #expect(stage.take(.pauseOver) == [])
    }

    @Test func `all of what is perhaps not sent is shown`() {
        var stage = Stage.inRoom()
        let line = String(repeating: "x", count: 1000)
        stage.type(line)
        #expect(stage.take(lost) == [.warn("-- perhaps not sent (gone): \(line)")])
    }

    @Test func `a script whose connection is lost each time ends`() {
        var (stage, losses) = (Stage(isAttended: false), 0)
        stage.type("one")
        while losses < 1000, stage.session.link != .ended {
            stage.take(.connected)
            stage.take(.answer(.entry(reply("lobby"))))
            stage.take(.answer(.receipt(Receipt(error: "Too fast.", retryAfter: 1))))
            stage.take(.connectionLost("gone"))
            losses += 1
        }
        #expect(stage.session.link == .ended && losses <= Session.setbacksLimit)
        // Where nothing waits it goes on.
        for isAttended in [false, true] {
            var stage = Stage.inRoom(isAttended: isAttended)
            for _ in 0..<100 {
                stage.take(.connectionLost("gone"))
                #expect(stage.take(.connected).last == .ask(.join("lobby", since: 0)))
                stage.take(.answer(.entry(reply("lobby"))))
            }
        }
    }

    // MARK: Names

    @Test func `another name is another connection`() {
        var stage = Stage.inRoom()
        #expect(stage.type("one", "/nick bob", "two") == [.ask(.say(room: "lobby", "one"))])
        #expect(stage.take(done) == [.connect(name: "bob")])
        #expect(stage.take(.connected) == [.print("-- you are bob"), .ask(.join("lobby", since: 0))])
        #expect(stage.take(.answer(.entry(reply("lobby")))).last == .ask(.say(room: "lobby", "two")))
    }

    @Test func `where the other name is refused the old one comes back`() {
        var stage = Stage.inRoom()
        stage.type("/nick bob")
        #expect(stage.take(.refused("Taken.")) == [.warn("-- Taken."), .connect(name: "ada")])
        #expect(stage.take(.connected).last == .ask(.join("lobby", since: 0)))
    }

    @Test func `one who is refused at first can take another name`() {
        var stage = Stage()
        #expect(stage.take(.refused("Taken.")).count == 2)
        #expect(stage.type("/nick bob") == [.connect(name: "bob")])
        #expect(stage.take(.refused("Taken.")).count == 2)
        #expect(stage.type("/connect") == [.connect(name: "bob")])
    }

    @Test func `the server's spelling of a name counts`() {
        var stage = Stage.inRoom()
        #expect(
            stage.take(.news(.welcome(Welcome(name: "Ada", rooms: [], number: 2)))) == [.print("-- here you are Ada")])
        #expect(
            stage.take(.news(.whisper(message(4, "hi", from: "Ada", room: nil, to: "bob")))) == [.print("[to bob] hi")])
    }

    // MARK: Put out

    @Test func `one who is put out can say so, come back, and then what waited is sent`() {
        var stage = Stage.inRoom()
        stage.type("one")
        #expect(stage.take(.news(.removed("Go."))) == [.warn("-- Go.")])
        #expect(stage.take(.putOut).count == 1)
        stage.take(lost)
        #expect(stage.type("/who") == [.print("-- here: ada")])
        #expect(stage.type("two").count == 1)
        #expect(stage.type("/connect") == [.connect(name: "ada")])
        stage.take(.connected)
        #expect(stage.take(.answer(.entry(reply("lobby")))).last == .ask(.say(room: "lobby", "two")))
    }

    @Test func `one who is put out and leaves hears what was not sent`() {
        var stage = Stage.inRoom()
        stage.take(.putOut)
        stage.type("one", "two")
        #expect(stage.type("/quit") == [.end(failure: "2 lines were not sent")])
    }

    @Test func `a script that is put out ends`() {
        var stage = Stage.inRoom(isAttended: false)
        stage.type("one")
        #expect(stage.take(.putOut) == [.end(failure: "the server has put us out; 1 line was not sent")])
        #expect(stage.take(lost) == [])
    }

    // MARK: The end

    @Test func `the end of input ends it at once where nothing waits`() {
        for link in 0..<3 {
            var stage = Stage()
            if link > 0 { stage.take(.connected) }
            if link > 1 { stage.take(.answer(.entry(reply("lobby")))) }
            #expect(stage.take(.endOfInput) == [.end(failure: nil)])
        }
    }

    @Test func `the end of input waits for what was typed`() {
        var stage = Stage.inRoom()
        stage.type("one", "two")
        #expect(stage.take(.endOfInput) == [.print("-- leaving once all is sent; Ctrl-C waits for nothing")])
        #expect(stage.take(done) == [.ask(.say(room: "lobby", "two"))])
        #expect(stage.take(done) == [.end(failure: nil)])
    }

    @Test func `asked twice, it leaves at once`() {
        var stage = Stage()
        stage.type("one")
        stage.take(.endOfInput)
        #expect(stage.type("/quit") == [.end(failure: "1 line was not sent")])
    }

    @Test func `an interruption waits for nothing, and says what was not sent`() {
        var stage = Stage.inRoom()
        stage.type("one", "two", "/who")
        #expect(stage.take(.interruption) == [.end(failure: "2 lines were not sent")])
        #expect(stage.take(.interruption) == [])
        var other = Stage.inRoom()
        #expect(other.take(.interruption) == [.end(failure: nil)])
    }

    @Test func `in a script a command to leave has its turn`() {
        var stage = Stage.inRoom(isAttended: false)
        stage.type("one", "/quit")
        #expect(stage.take(done).last == .end(failure: nil))
    }

    @Test func `a script gives up a connection that it does not get`() {
        var stage = Stage(isAttended: false)
        stage.type("one")
        #expect(stage.take(.gaveUp("no")) == [.end(failure: "no; 1 line was not sent")])
        var other = Stage.inRoom(isAttended: false)
        #expect(other.take(.connectionLost("gone")).last == .limitWait)
    }

    @Test(arguments: [
        Session.Input.line("/dance"), .lineTooLong, .line("refused"), .line("doubted"),
    ])
    func `a script hears at the end that something was not sent`(input: Session.Input) {
        var stage = Stage.inRoom(isAttended: false)
        stage.take(input)
        switch input {
        case .line("refused"): stage.take(.answer(.receipt(Receipt(error: "No."))))
        case .line("doubted"): stage.take(.answer(.none("late", connectionLost: false)))
        default: break
        }
        #expect(stage.take(.endOfInput) == [.end(failure: "not everything was sent")])
    }

    @Test func `a script that may not enter the room ends`() {
        var stage = Stage(isAttended: false)
        stage.type("one")
        stage.take(.connected)
        #expect(
            stage.take(.answer(.entry(JoinReply(error: "Full.")))) == [
                .end(failure: "cannot enter lobby: Full.; 1 line was not sent")
            ])
    }
}
