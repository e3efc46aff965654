/// What coders have asked the runtime about types: it takes the runtime a while to find such things, and messages and
/// the elements of a list ask the same again and again.
///
/// Of bounded size: a type that comes later may take the place of another.
final class KnownTypes {
    private struct Form {
        let type: ObjectIdentifier
        let wireType: (any WireValue.Type)?
    }

    private struct Containers {
        let key: ObjectIdentifier
        /// A `KeyedContainers` of this key.
        let containers: AnyObject
    }

    private var forms: [Form?] = []
    private var containers: [Containers?] = []

    private static var count: Int { 32 }

    /// Types are some dozens of bytes apart.
    @inline(__always)
    private static func place(of type: ObjectIdentifier) -> Int {
        let address = UInt(bitPattern: type)
        return Int(truncatingIfNeeded: (address >> 4 ^ address >> 9) & UInt(count &- 1))
    }

    /// The type if it is a ``WireValue``.
    @inline(__always)
    func wireType<T>(of type: T.Type) -> (any WireValue.Type)? {
        let identifier = ObjectIdentifier(type)
        let place = Self.place(of: identifier)
        if place < forms.count, let known = forms[place], known.type == identifier { return known.wireType }
        let wireType = type as? any WireValue.Type
        keep(Form(type: identifier, wireType: wireType), at: place)
        return wireType
    }

    /// Whether the type was found to have neither a form of its own nor a simple one, so that its own code is asked.
    @inline(__always)
    func isComposite<T>(_ type: T.Type) -> Bool {
        let identifier = ObjectIdentifier(type)
        let place = Self.place(of: identifier)
        guard place < forms.count, let known = forms[place] else { return false }
        return known.type == identifier && known.wireType == nil
    }

    // The two `keep`s stand on their own: with one for both, which is given the property, all accesses to it have to be
    // tracked, a tenth of what an object costs to encode.

    private func keep(_ form: Form, at place: Int) {
        // Taken out and put back, which costs less than a checked access in place.
        var forms = forms
        self.forms = []
        if forms.isEmpty { forms = Array(repeating: nil, count: Self.count) }
        forms[place] = form
        self.forms = forms
    }

    /// What makes the containers with keys of this type.
    @inline(__always)
    func containers<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedContainers<Key> {
        let identifier = ObjectIdentifier(type)
        let place = Self.place(of: identifier)
        if place < containers.count, let known = containers[place], known.key == identifier {
            // SAFETY: it was made for this type of keys, below.
            return unsafe unsafeDowncast(known.containers, to: KeyedContainers<Key>.self)
        }
        let made = KeyedContainers(DocumentKeyedContainer<Key>.self, StreamKeyedContainer<Key>.self)
        keep(Containers(key: identifier, containers: made), at: place)
        return made
    }

    /// Containers may refer to the stream that refers to this.
    func forgetContainers() {
        containers = []
    }

    private func keep(_ known: Containers, at place: Int) {
        var containers = containers
        self.containers = []
        if containers.isEmpty { containers = Array(repeating: nil, count: Self.count) }
        containers[place] = known
        self.containers = containers
    }
}
