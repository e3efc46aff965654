import SocketIOWire
import TestSupport
import Testing

@testable import SocketIO

/// The tables behind `on`, `off`, `join` and `leave`, against simple ones.
@Suite struct HandlerTableTests {
    private static func name(_ number: Int) -> [UInt8] {
        // Short ones, and long ones that differ at the end, at the beginning and in the middle.
        switch number % 4 {
        case 0: Array("\(number)".utf8)
        case 1: Array("a long name of an event \(number)".utf8)
        case 2: Array("\(number) a long name of an event".utf8)
        default: Array("a long name \(number) of an event".utf8)
        }
    }

    @Test(arguments: 1...8) func `names are found whatever was added and removed`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var index = NameIndex()
        var list: [[UInt8]] = []
        for _ in 0..<4_000 {
            let name = Self.name(Int.random(in: 0..<80, using: &generator))
            if let position = list.firstIndex(of: name) {
                #expect(index.position(of: name.span) == position)
                if Bool.random(using: &generator) {
                    index.remove(at: position)
                    list.swapAt(position, list.count - 1)
                    list.removeLast()
                }
            } else {
                #expect(index.position(of: name.span) == nil)
                index.append(name)
                list.append(name)
            }
            #expect(index.count == list.count)
        }
        for (position, name) in list.enumerated() { #expect(index.position(of: name.span) == position) }
    }

    @Test(arguments: 1...4) func `handlers are called in order, without those removed`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var list = HandlerList()
        var model: [UInt64] = []
        for _ in 0..<2_000 {
            if Int.random(in: 0..<5, using: &generator) < 3 || model.isEmpty {
                let handler = EventHandler(of: []) { _, _, _, _, _, _ in }
                list.append(handler)
                model.append(handler.id)
            } else {
                let place = Int.random(in: 0..<model.count, using: &generator)
                #expect(list.remove(id: model[place])?.id == model[place])
                #expect(list.remove(id: model[place]) == nil)
                model.remove(at: place)
            }
            #expect(list.isEmpty == model.isEmpty)
        }
        #expect(list.all.map(\.id) == model)
    }

    @Test(arguments: 1...4) func `a loop that follows the changes has what the namespace has`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var registry = HandlerRegistry()
        var model: [[UInt8]: [UInt64]] = [:]
        // One that looks often, and one that looks rarely and is told everything.
        var tables = [(EventTable(), version: -1), (EventTable(), version: -1)]
        var removed: [EventTable.Removed] = []
        for step in 0..<3_000 {
            let name = Self.name(Int.random(in: 0..<30, using: &generator))
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<6:
                let handler = EventHandler(of: []) { _, _, _, _, _, _ in }
                _ = registry.apply(.add(handler, name: name))
                model[name, default: []].append(handler.id)
            case 6..<9:
                guard let id = model[name]?.randomElement(using: &generator) else { continue }
                #expect(registry.apply(.remove(id: id, name: name)).map(\.id) == [id])
                model[name]?.removeAll { $0 == id }
            default:
                #expect(registry.apply(.removeAll(name: name)).map(\.id) == model[name] ?? [])
                model[name] = nil
            }
            for (number, interval) in [7, 1_000].enumerated() where step % interval == 0 || step == 2_999 {
                tables[number].0.apply(registry.update(since: tables[number].version), &removed)
                tables[number].version = registry.eventVersion
                for number in 0..<2 where tables[number].version == registry.eventVersion {
                    expect(&tables[number].0, model)
                }
            }
        }
    }

    @Test(arguments: 1...4) func `a loop is told of each handler of a socket's life once, until all are forgotten`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        var registry = HandlerRegistry()
        // One that looks often, and one that looks rarely.
        var loops = [(LifecycleHandlers(), HandlerRegistry.LifecycleState())]
        loops.append(loops[0])
        for step in 0..<1_000 {
            registry.register { handlers in
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: handlers.middlewares.append(.immediate { _ in })
                case 1: handlers.connection.append(.immediate { _, _ in })
                case 2: handlers.disconnecting.append(.immediate { _, _ in })
                case 3: handlers.disconnect.append(.immediate { _, _ in })
                default: handlers.any.append { _, _, _ in }
                }
            }
            if step % 300 == 299 { registry = HandlerRegistry(after: registry) }
            for (number, interval) in [3, 170].enumerated() where step % interval == 0 || step == 999 {
                let (added, areAll) = registry.lifecycle(since: loops[number].1)
                if areAll { loops[number].0 = LifecycleHandlers() }
                loops[number].0.append(added)
                loops[number].1 = registry.lifecycleState
                #expect(loops[number].0.counts == registry.lifecycleState.counts)
                let (nothing, isReset) = registry.lifecycle(since: loops[number].1)
                #expect(nothing.counts == LifecycleHandlers.Counts() && !isReset)
            }
        }
    }

    private func expect(_ table: inout EventTable, _ model: [[UInt8]: [UInt64]]) {
        for number in 0..<30 {
            let name = Self.name(number)
            #expect(table.group(of: name.span)?.handlerIDs ?? [] == model[name] ?? [])
        }
    }

    @Test(arguments: 1...8) func `rooms and places are found whatever was joined and left`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var places: [Int: Int] = [:]
        var positions = PositionTable()
        var list: [Int] = []
        for _ in 0..<5_000 {
            let number = Int.random(in: 0..<200, using: &generator) * 64
            if let position = list.firstIndex(of: number) {
                #expect(find(number, positions, list) == position)
                guard Bool.random(using: &generator) else { continue }
                positions.remove(position, count: list.count) { list[$0] }
                list.swapAt(position, list.count - 1)
                list.removeLast()
                places[number] = nil
            } else {
                if !positions.isEmpty { #expect(find(number, positions, list) == nil) }
                list.append(number)
                positions.append(count: list.count) { list[$0] }
                places[number] = list.count - 1
            }
        }
    }

    private func find(_ number: Int, _ positions: PositionTable, _ list: [Int]) -> Int? {
        var slot = positions.firstSlot(of: number)
        while let position = positions.position(in: slot) {
            if list[position] == number { return position }
            slot = positions.slot(after: slot)
        }
        return nil
    }

    @Test func `rooms named one after another stay in order, and a selection can be used again`() {
        var chain = RoomChain.empty
        var all: [Room] = []
        for number in 0..<100 {
            let rooms = (0..<number % 4).map { Room("\(number).\($0)") }
            let before = chain
            chain = chain.adding(rooms)
            #expect(before.rooms == all)
            all += rooms
            #expect(chain.rooms == all)
        }
    }

    @Test func `a selection of very many rooms goes without a deep stack`() {
        var chain = RoomChain.empty
        for number in 0..<300_000 { chain = chain.adding([Room("\(number)")]) }
        #expect(chain.rooms.count == 300_000)
        #expect(chain.rooms[299_999] == "299999")
    }
}
