// What needs no server: opening and closing, the keyboard, copying. Pages mark things with data attributes.
(() => {
    const typing = element => element?.closest?.("input, textarea, select, [contenteditable=true], .cm-editor");
    const rail = open => {
        document.body.classList.toggle("sb-rail-open", open);
        document.querySelector("[data-rail=toggle]")?.setAttribute("aria-expanded", open);
    };
    const show = id => {
        const dialog = document.getElementById(id);
        if (!dialog || dialog.open) return;
        document.querySelectorAll("details[data-menu][open]").forEach(menu => menu.open = false);
        dialog.showModal();
        dialog.querySelector("input")?.select();
    };

    const announce = text => {
        let note = document.getElementById("sb-announcer");
        if (!note) {
            note = Object.assign(document.createElement("div"), { id: "sb-announcer", className: "sb-toast", role: "status" });
            document.body.append(note);
        }
        note.textContent = text;
        note.classList.add("sb-toast-on");
        clearTimeout(note.timer);
        note.timer = setTimeout(() => note.classList.remove("sb-toast-on"), 1600);
    };

    // What a page makes and the browser keeps as a file.
    window.signalbox = {
        saveFile(name, text) {
            const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
            Object.assign(document.createElement("a"), { href: url, download: name }).click();
            setTimeout(() => URL.revokeObjectURL(url), 10000);
        },
    };

    document.addEventListener("click", async event => {
        const target = event.target;
        if (!(target instanceof Element)) return;
        const opener = target.closest("[data-opens]");
        if (opener) show(opener.dataset.opens);
        const railButton = target.closest("[data-rail]");
        if (railButton) rail(railButton.dataset.rail === "toggle" && !document.body.classList.contains("sb-rail-open"));
        else if (target.closest(".sb-rail a")) rail(false);
        const copy = target.closest("[data-copy]");
        if (copy) {
            try { await navigator.clipboard.writeText(copy.dataset.copy); announce("Copied"); }
            catch { announce("The browser does not let this page copy. Select the text instead."); }
        }
        const dialog = target.closest("dialog[data-picker]");
        if (dialog && (target === dialog || target.closest("[role=option]"))) dialog.close();
        document.querySelectorAll("details[data-menu][open]").forEach(menu => {
            if (!menu.contains(target) || target.closest("a")) menu.open = false;
        });
        if (target.closest("[data-reconnect]")) location.reload();
    });

    // In a picker the arrows move the choice and Enter follows it; the focus stays where the user types.
    const options = dialog => [...dialog.querySelectorAll("[role=option]")];
    const choose = (dialog, index) => {
        const all = options(dialog);
        all.forEach((option, i) => option.setAttribute("aria-selected", i === index));
        const chosen = all[index];
        chosen?.scrollIntoView({ block: "nearest" });
        const input = dialog.querySelector("input");
        if (chosen) input.setAttribute("aria-activedescendant", chosen.id); else input.removeAttribute("aria-activedescendant");
    };
    document.addEventListener("keydown", event => {
        const dialog = event.target.closest?.("dialog[data-picker]");
        if (!dialog) return;
        const all = options(dialog);
        const at = all.findIndex(option => option.getAttribute("aria-selected") === "true");
        if (event.key === "ArrowDown") { event.preventDefault(); choose(dialog, Math.min(at + 1, all.length - 1)); }
        else if (event.key === "ArrowUp") { event.preventDefault(); choose(dialog, Math.max(at - 1, 0)); }
        else if (event.key === "Enter") { event.preventDefault(); (all[at] ?? all[0])?.click(); }
        // A search field would clear itself first.
        else if (event.key === "Escape") { event.preventDefault(); dialog.close(); }
    });
    document.addEventListener("input", event => {
        const dialog = event.target.closest?.("dialog[data-picker]");
        if (dialog) options(dialog).forEach(option => option.setAttribute("aria-selected", false));
    });

    let pendingGo = 0;
    document.addEventListener("keydown", event => {
        if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); show("quick-jump"); return; }
        if (event.key === "Escape") rail(false);
        if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open], .mud-dialog")) return;
        if (pendingGo && Date.now() - pendingGo < 1500) {
            pendingGo = 0;
            const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
            if (link) { event.preventDefault(); link.click(); }
            return;
        }
        if (event.key === "/") { event.preventDefault(); show("quick-jump"); }
        else if (event.key === "?") show("shortcuts");
        else if (event.key === "g") pendingGo = Date.now();
    });

    // Blazor has no "form" for filters: Enter in a search box is a change.
    document.addEventListener("keydown", event => {
        if (event.key === "Enter" && event.target.matches?.("input[data-parameter]")) event.target.blur();
    });

    document.getElementById("components-reconnect-modal")?.addEventListener("components-reconnect-state-changed", event => {
        if (event.detail.state === "rejected") setTimeout(() => location.reload(), 1500);
    });
})();
