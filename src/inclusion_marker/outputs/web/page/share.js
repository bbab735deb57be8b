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
    const field = /** @type {HTMLInputElement} */ (
      dom.el("input", {
        type: "text",
        id: "share-link",
        readonly: true,
        value: location.href,
        "aria-label": words.t("share_title"),
      })
    );
    const button = dom.el(
      "button",
      { type: "button", class: "main", id: "share-copy", on: { click: () => copy(field) } },
      words.t("copy"),
    );
    dialog.open(
      words.t("share_title"),
      dom.el("p", { text: words.t("share_note") }),
      dom.el("div", { class: "row" }, field, button),
    );
    field.select();
  }

  /** The clipboard may be closed to a file; the old way still works there. */
  async function copy(field) {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy");
    }
    dom.at("share-copy").textContent = words.t("copied");
    dom.announce(words.t("copied"));
  }

  return { start };
})();
