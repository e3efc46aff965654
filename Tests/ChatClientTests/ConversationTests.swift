import Testing

@testable import chat_client

struct ConversationTests {
    @Test func `what is asked without a connection is answered as not sent, and nothing else is said of it`() async {
        let inbox = Inbox()
        let conversation = Conversation(with: "http://127.0.0.1:1", patience: nil, inbox)
        var happenings = inbox.happenings.makeAsyncIterator()
        for _ in 0..<10 {
            conversation.leave("lobby")
            conversation.ask(.say(room: "lobby", "hi"))
            let happening = await happenings.next()
            guard case .session(.answer(.notSent))? = happening else {
                Issue.record("\(String(describing: happening))")
                break
            }
        }
        await conversation.close()
    }
}
