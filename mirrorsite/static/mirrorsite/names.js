// Names for people who hear a page: Django's admin leaves some of its controls without one.
// tests/test_admin_accessibility.py says which; what Django mends can go here.
"use strict";

// Return what is written beside a control: its label, else the head of its column.
function labelOf(control) {
    if (control.labels && control.labels.length) {
        return control.labels[0];
    }
    const cell = control.closest("td");
    const head = cell && cell.closest("table").tHead;
    return head && head.rows[head.rows.length - 1].cells[cell.cellIndex];
}

function textOf(label) {
    return label.textContent.trim().replace(/:$/, "");
}

function nameField(field) {
    const label = labelOf(field);
    const row = field.closest("tr");
    const first = row && row.querySelector("th, td.original");
    if (label && !field.labels.length && !field.hasAttribute("aria-label")) {
        field.setAttribute("aria-label", [textOf(label), first ? first.textContent.trim() : ""].join(" ").trim());
    }
}

// A field that finds what is typed (select2) is named after what is chosen only, so after nothing at first.
function nameChoice(box) {
    const select = box.previousElementSibling;
    const label = select && labelOf(select);
    const field = box.querySelector(".select2-selection");
    const chosen = box.querySelector(".select2-selection__rendered");
    if (!label || !field) {
        return;
    }
    label.id = label.id || `name-of-${select.id}`;
    field.setAttribute("aria-labelledby", chosen && chosen.id ? `${label.id} ${chosen.id}` : label.id);
    for (const inner of box.querySelectorAll("[role=textbox], .select2-search__field")) {
        inner.setAttribute("aria-label", textOf(label));
    }
}

function nameHalf(input) {
    const whole = input.closest(".form-row").querySelector("legend, label");
    const half = input.classList.contains("vTimeField") ? "time" : "date";
    input.setAttribute("aria-label", `${whole ? textOf(whole) : ""} ${half}`.trim());
}

function nameEmptyHead(head) {
    const words = document.createElement("span");
    words.className = "visually-hidden";
    words.textContent = head.classList.contains("original") ? "Row" : "Delete";
    head.append(words);
}

function nameAll() {
    document.querySelectorAll(".datetime input").forEach(nameHalf);
    document.querySelectorAll("td input:not([type=hidden]), td select, td textarea").forEach(nameField);
    document.querySelectorAll(".select2-container").forEach(nameChoice);
    document.querySelectorAll("th:empty").forEach(nameEmptyHead);
    document.querySelectorAll("span.help-tooltip[aria-label]").forEach((help) => help.setAttribute("role", "img"));
    const search = document.querySelector("#searchbar");
    if (search) {
        search.setAttribute("aria-label", "Search");
    }
}

// Django's own scripts make their controls later, and those of rows that are added.
new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
nameAll();
