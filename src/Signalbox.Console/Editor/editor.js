// The code editor: CodeMirror, with the console's colours. Built into ../wwwroot/editor.js by ./build.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { javascript } from "@codemirror/lang-javascript";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { python } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { linter, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const languages = { json: () => [json(), linter(jsonParseLinter())], javascript: () => [javascript()], python: () => [python()], text: () => [] };

const colours = HighlightStyle.define([
    { tag: [tags.keyword, tags.bool, tags.null], color: "var(--sb-red)" },
    { tag: [tags.string, tags.special(tags.string)], color: "var(--sb-green)" },
    { tag: [tags.number], color: "var(--sb-amber-text)" },
    { tag: [tags.propertyName, tags.function(tags.variableName)], color: "var(--sb-blue)" },
    { tag: [tags.comment], color: "var(--sb-muted)", fontStyle: "italic" },
]);

const look = EditorView.theme({
    "&": { color: "var(--sb-text)", backgroundColor: "var(--sb-code)", border: "1px solid var(--sb-line-strong)", borderRadius: "8px", fontSize: ".8125rem" },
    "&.cm-focused": { outline: "2px solid var(--sb-focus)", outlineOffset: "1px" },
    ".cm-content": { fontFamily: "var(--sb-mono)", caretColor: "var(--sb-text)", padding: ".5rem 0" },
    ".cm-scroller": { overflow: "auto", borderRadius: "8px", lineHeight: "1.55" },
    ".cm-gutters": { backgroundColor: "transparent", color: "var(--sb-muted)", border: "0" },
    ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--sb-blue) 7%, transparent)" },
    ".cm-cursor": { borderLeftColor: "var(--sb-text)" },
    "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--sb-blue) 26%, transparent) !important" },
    ".cm-tooltip": { backgroundColor: "var(--sb-surface)", border: "1px solid var(--sb-line)", borderRadius: "8px", color: "var(--sb-text)" },
    ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--sb-action)", color: "var(--sb-action-text)" },
});

// Escape, then Tab, leaves the editor: Tab alone indents.
const leave = keymap.of([{ key: "Escape", run: view => { view.contentDOM.blur(); view.dom.parentElement.focus(); return true; } }]);

export function create(host, owner, options) {
    const language = new Compartment();
    const words = new Compartment();
    let silent = false;
    let waiting = 0;
    const completion = list => autocompletion({
        override: list.length === 0 ? undefined : [context => {
            const word = context.matchBefore(/["\w.$-]*/);
            return word.from === word.to && !context.explicit ? null : { from: word.from, options: list };
        }],
    });
    const tell = () => { clearTimeout(waiting); waiting = 0; owner.invokeMethodAsync("Changed", view.state.doc.toString()); };
    const view = new EditorView({
        parent: host,
        state: EditorState.create({
            doc: options.text,
            extensions: [
                lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(), highlightActiveLine(), lintGutter(),
                syntaxHighlighting(colours), look, EditorView.lineWrapping,
                keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]), leave,
                language.of((languages[options.language] ?? languages.text)()), words.of(completion(options.completions ?? [])),
                EditorState.readOnly.of(options.readOnly), EditorView.editable.of(!options.readOnly),
                EditorView.contentAttributes.of({ "aria-label": options.label, ...(options.readOnly ? { tabindex: "0" } : {}) }),
                EditorView.updateListener.of(update => {
                    if (!update.docChanged || silent) return;
                    clearTimeout(waiting);
                    waiting = setTimeout(tell, 200);
                }),
                EditorView.domEventHandlers({ blur: () => { if (waiting) tell(); } }),
            ],
        }),
    });
    view.scrollDOM.style.maxHeight = options.maxHeight;
    view.scrollDOM.style.minHeight = options.minHeight;
    return {
        setText(text) {
            if (text === view.state.doc.toString()) return;
            silent = true;
            view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
            silent = false;
        },
        setLanguage(name) { view.dispatch({ effects: language.reconfigure((languages[name] ?? languages.text)()) }); },
        setCompletions(list) { view.dispatch({ effects: words.reconfigure(completion(list)) }); },
        setFaults(faults) {
            const length = view.state.doc.length;
            view.dispatch(setDiagnostics(view.state, faults.map(f => ({
                from: Math.min(f.from, length), to: Math.min(Math.max(f.to, f.from + 1), length), severity: "error", message: f.message,
            }))));
        },
        dispose() { clearTimeout(waiting); view.destroy(); },
    };
}
