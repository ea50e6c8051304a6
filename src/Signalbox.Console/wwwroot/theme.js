// Runs before the first paint: the chosen theme, else the system's.
(() => {
    const root = document.documentElement;
    const system = matchMedia("(prefers-color-scheme: dark)");
    const chosen = () => { try { return localStorage.getItem("signalbox-theme"); } catch { return null; } };
    const apply = () => root.setAttribute("data-theme", chosen() ?? (system.matches ? "dark" : "light"));
    apply();
    system.addEventListener("change", apply);
    addEventListener("storage", apply);
    // Pages that are loaded without a new document bring the server's attribute along.
    new MutationObserver(() => {
        if (root.getAttribute("data-theme") !== (chosen() ?? (system.matches ? "dark" : "light"))) apply();
    }).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
    document.addEventListener("click", event => {
        if (!event.target.closest?.("[data-theme-toggle]")) return;
        const next = root.getAttribute("data-theme") === "dark" ? "light" : "dark";
        try { localStorage.setItem("signalbox-theme", next === (system.matches ? "dark" : "light") ? "" : next); } catch { }
        try { if (!localStorage.getItem("signalbox-theme")) localStorage.removeItem("signalbox-theme"); } catch { }
        apply();
    });
})();
