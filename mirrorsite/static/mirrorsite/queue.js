// Single keys for the approval queue. Everything they do, Tab, Space and Enter do as well.
"use strict";
const form = document.querySelector("form.approvals");
const boxes = Array.from(form.querySelectorAll("input[name=selected]"));
const sentence = form.elements.namedItem("sentence");
const button = (name) => form.querySelector(`.answers button[name=${name}]`);

function step(by) {
    const here = boxes.findIndex((box) => box.closest("tr").contains(document.activeElement));
    const next = boxes[here < 0 ? 0 : Math.min(Math.max(here + by, 0), boxes.length - 1)];
    if (next) {
        next.focus();
        next.closest("tr").scrollIntoView({ block: "nearest" });
    }
}

function withSentence(name) {
    if (sentence.value.trim()) {
        button(name).click();
    } else {
        sentence.focus();
    }
}

const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    x: () => {
        const row = document.activeElement.closest("table.queue tbody tr");
        const box = row && row.querySelector("input[name=selected]");
        if (box) box.checked = !box.checked;
    },
    a: () => button("approve").click(),
    r: () => withSentence("reject"),
    q: () => withSentence("ask"),
    s: () => sentence.focus(),
};

document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("textarea, select, input:not([type=checkbox])");
    if (event.key === "Escape" && event.target === sentence) step(0);
    if (typing || event.ctrlKey || event.altKey || event.metaKey || !sentence) return;
    const act = KEYS[event.key];
    if (act) {
        event.preventDefault();
        act();
    }
});
