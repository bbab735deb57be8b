"use strict";

/** Give the address of the view away. */
const share = (() => {
  function start() {
    dom.at("share").addEventListener("click", ask);
  }

  function ask() {
    if (!address.shareable()) {
      dialog.open(words.t("share_title"), dom.el("p", { text: words.t("share_not_here") }));
      return;
    }
    // Where the page is a file, the other person has another path to it: only the part from # on serves there.
    const file = location.protocol === "file:";
    dialog.open(
      words.t("share_title"),
      dom.el("p", { text: words.t("share_note") }),
      row("share-link", words.t("share_title"), location.href),
      file ? dom.el("p", { class: "share-part", text: words.t("share_part") }) : null,
      file ? row("share-part", words.t("share_part"), location.hash) : null,
    );
    field("share-link").select();
  }

  const field = (id) => /** @type {HTMLInputElement} */ (dom.at(id));

  /** Return a text to take, and the button that takes it. */
  const row = (id, name, value) =>
    dom.el(
      "div",
      { class: "row" },
      dom.el("input", { type: "text", id, readonly: true, value, "aria-label": name }),
      dom.el(
        "button",
        { type: "button", class: "main", "aria-describedby": id, on: { click: (event) => copy(id, event.target) } },
        words.t("copy"),
      ),
    );

  /** The clipboard may be closed to a file; the old way still works there. */
  async function copy(id, button) {
    field(id).select();
    try {
      await navigator.clipboard.writeText(field(id).value);
    } catch {
      document.execCommand("copy");
    }
    button.textContent = words.t("copied");
    dom.announce(words.t("copied"));
  }

  return { start };
})();
