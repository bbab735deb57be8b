"use strict";

/**
 * A field with a list under it that narrows as one types: the combobox of the ARIA practices.
 *
 * @typedef {object} Choice
 * @property {string} key
 * @property {string} text
 * @property {string} [note] Said beside it, in grey.
 * @property {number} [level] How far it is set in.
 */

/**
 * Return the field.
 * @param {object} options
 * @param {string} options.id
 * @param {() => string} options.label
 * @param {() => string} [options.hint] Shown while the field is empty.
 * @param {(typed: string) => Choice[]} options.find
 * @param {(choice: Choice) => void} options.choose
 * @param {() => string} [options.shown] What stands in the field while nobody types.
 * @param {() => string} options.none Said when nothing is found.
 * @param {() => Choice[]} [options.instead] What there is to choose then.
 * @param {"search"|"down"} options.icon
 * @param {() => void} [options.opened] Called when the list opens.
 * @returns {{root: HTMLElement, label: () => void}}
 */
function combobox(options) {
  const { id, label, hint, find, choose, none, icon } = options;
  const { shown = () => "", instead = () => [], opened = () => {} } = options;
  const list = dom.el("ul", { id: `${id}-list`, role: "listbox", class: "choices", hidden: true });
  const input = /** @type {HTMLInputElement} */ (
    dom.el("input", {
      id: `${id}-input`,
      type: "text",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      "aria-expanded": "false",
      "aria-controls": `${id}-list`,
      "aria-autocomplete": "list",
    })
  );
  const root = dom.el("div", { class: `combobox combobox-${icon}` }, input, dom.icon(icon), list);
  /** @type {Choice[]} */
  let found = [];
  let active = -1;

  function say() {
    input.setAttribute("aria-label", label());
    list.setAttribute("aria-label", label());
    input.placeholder = hint ? hint() : "";
    if (list.hidden) input.value = shown();
  }

  function open(typed) {
    found = find(typed);
    const nothing = !found.length;
    if (nothing) found = instead();
    const said = dom.el("li", { class: "choices-none", role: "option", "aria-disabled": "true", text: none() });
    list.replaceChildren(...(nothing ? [said] : []), ...found.map(row));
    if (list.hidden) opened();
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    activate(nothing ? -1 : typed ? 0 : found.findIndex((choice) => choice.text === shown()));
  }

  function row(choice, k) {
    return dom.el(
      "li",
      {
        id: `${id}-${k}`,
        role: "option",
        class: `choice level-${choice.level ?? 0}`,
        "aria-selected": "false",
        on: {
          pointerdown: (event) => {
            event.preventDefault();
            pick(k);
          },
        },
      },
      dom.el("span", { text: choice.text }),
      choice.note ? dom.el("span", { class: "choice-note", text: choice.note }) : null,
    );
  }

  function activate(k) {
    active = k;
    const rows = dom.all(list, ".choice");
    rows.forEach((each, j) => each.setAttribute("aria-selected", String(j === k)));
    if (k >= 0 && rows[k]) {
      input.setAttribute("aria-activedescendant", rows[k].id);
      rows[k].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    input.value = shown();
  }

  function pick(k) {
    if (!found[k]) return;
    const choice = found[k];
    close();
    choose(choice);
    input.value = shown();
  }

  const next = (way) => (active < 0 && way < 0 ? found.length - 1 : (active + way + found.length) % found.length);

  function key(event) {
    if (event.key === "Escape") {
      if (!list.hidden) event.stopPropagation();
      close();
      input.select();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) open("");
      else if (found.length) activate(next(event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      pick(active);
    }
  }

  input.addEventListener("focus", () => {
    input.select();
  });
  input.addEventListener("click", () => {
    if (list.hidden && icon === "down") open("");
  });
  input.addEventListener("input", () => {
    if (input.value || icon === "down") open(input.value);
    else close();
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", key);
  say();
  return { root, label: say };
}
