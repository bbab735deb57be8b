"use strict";

/** One window over the page at a time; it gives the keyboard back to who opened it. */
const dialog = (() => {
  /**
   * Open the window.
   * @param {string} title
   * @param {...(Node|null)} children
   */
  function open(title, ...children) {
    const home = /** @type {HTMLDialogElement} */ (dom.at("dialog"));
    home.replaceChildren(
      dom.el(
        "header",
        { class: "dialog-head" },
        dom.el("h2", { id: "dialog-title", text: title }),
        dom.el(
          "button",
          {
            type: "button",
            class: "square",
            "aria-label": words.t("close"),
            title: words.t("close"),
            on: { click: () => home.close() },
          },
          dom.icon("close"),
        ),
      ),
      ...children.filter(Boolean),
    );
    home.showModal();
  }

  const close = () => /** @type {HTMLDialogElement} */ (dom.at("dialog")).close();

  return { open, close };
})();
