import SocketIOWire
import Testing

@Suite struct ArrayElementsTests {
    private final class Object {
        let name: String

        init(_ name: String) {
            self.name = name
        }
    }

    private final class Holder {
        var objects = ["a", "b"].map(Object.init)
    }

    @Test func `calls with the element at the index`() {
        let holder = Holder()
        #expect(holder.objects.indices.map { holder.objects.withElement(at: $0) { $0.name } } == ["a", "b"])
    }

    @Test func `an element lives through its call, whatever becomes of the array`() {
        let holder = Holder()
        weak let element = holder.objects[0]
        let name = holder.objects.withElement(at: 0) { object in
            holder.objects = []
            return object.name
        }
        #expect(name == "a")
        #expect(element == nil)
    }
}
