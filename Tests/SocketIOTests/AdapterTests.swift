import AdapterConformance
import Testing

@Suite(.timeLimit(.minutes(2))) struct AdapterTests {
    @Test(arguments: AdapterCase.all)
    func `servers of one process, which know each other, are one`(_ test: AdapterCase) async throws {
        try await test.run(.inProcess(.everything))
    }

    @Test(arguments: AdapterCase.all)
    func `servers of one process, which only know how many there are, are one`(_ test: AdapterCase) async throws {
        try await test.run(.inProcess(.numbers))
    }
}
