extension Namespace {
    /// Registers what concerns a socket's life.
    func register(_ change: (inout LifecycleHandlers) -> Void) {
        changeAll { $0.register(change) }
    }

    /// Registers or removes handlers of events.
    func change(_ change: HandlerRegistry.Change) {
        // They end when the locks are free again: what they hold may run code of the application then.
        var removed: [EventHandler] = []
        changeAll { removed += $0.apply(change) }
        withExtendedLifetime(removed) {}
    }

    func addServerSide(_ handler: ServerSideHandler) {
        changeAll { $0.serverSide[handler.name, default: []].append(handler) }
    }

    func removeServerSide(_ id: UInt64, of name: [UInt8]) {
        // It ends when the locks are free again: what it holds may run code of the application then.
        var removed: [ServerSideHandler] = []
        changeAll { registry in
            guard let all = registry.serverSide[name] else { return }
            removed += all
            let others = all.filter { $0.id != id }
            registry.serverSide[name] = others.isEmpty ? nil : others
        }
        withExtendedLifetime(removed) {}
    }

    /// Takes over what is registered on `template`; nothing was registered here before.
    func inherit(from template: Namespace) {
        let inherited = template.registered.current
        registered.change { $0 = inherited }
    }

    /// Changes what is registered here, and on the others if this is their template.
    private func changeAll(_ body: (inout HandlerRegistry) -> Void) {
        switch role {
        case .single, .member: registered.change(body)
        case .template(let family): family.change(self) { $0.registered.change(body) }
        }
    }
}
