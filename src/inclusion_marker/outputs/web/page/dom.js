"use strict";

/** Elements made of text and attributes: nothing in this page ever reads markup from data. */
const dom = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  /** Outlines on a 24 × 24 ground, drawn with a stroke of the text's colour. */
  const ICONS = {
    link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
    download: "M12 4v11m0 0 4-4m-4 4-4-4M5 19h14",
    print: "M7 9V4h10v5M7 18H5v-7a2 2 0 0 1 2-2h10a2 2 0 0 1 2 2v7h-2M8 15h8v5H8z",
    plus: "M12 5v14M5 12h14",
    minus: "M5 12h14",
    home: "M4 11 12 4l8 7M6 10v9h12v-9",
    search: "M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15.5 15.5 20 20",
    close: "M6 6l12 12M18 6 6 18",
    target: "M12 4v3M12 17v3M4 12h3M17 12h3M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z",
    down: "M6 9l6 6 6-6",
    reset: "M5 12a7 7 0 1 0 2.5-5.4M5 4v4h4",
  };

  /**
   * Return an element.
   * @param {string} tag
   * @param {Object<string, any>} [attributes] `text`, `class`, `style` (an object), `on` (handlers);
   *   anything else is an attribute; `null` and `false` leave it away.
   * @param {...(Node|string|null|false)} children
   * @returns {HTMLElement}
   */
  function el(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    dress(made, attributes);
    made.append(...present(children));
    return made;
  }

  /**
   * Return an element of a drawing.
   * @param {string} tag
   * @param {Object<string, any>} [attributes]
   * @param {...(Node|string)} children
   * @returns {SVGElement}
   */
  function svg(tag, attributes = {}, ...children) {
    const made = document.createElementNS(SVG, tag);
    dress(made, attributes);
    made.append(...children);
    return made;
  }

  /** @returns {Array<Node|string>} */
  const present = (children) => children.filter((child) => child !== null && child !== false && child !== "");

  function dress(made, attributes) {
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null || value === false || value === undefined) continue;
      if (name === "text") made.textContent = String(value);
      else if (name === "on") for (const [event, does] of Object.entries(value)) made.addEventListener(event, does);
      // A policy without 'unsafe-inline' forbids style attributes, not the object model.
      else if (name === "style") for (const [key, each] of Object.entries(value)) made.style.setProperty(key, each);
      else made.setAttribute(name, value === true ? "" : String(value));
    }
  }

  /**
   * Return a small drawing that says nothing to a screen reader.
   * @param {string} name
   * @returns {SVGElement}
   */
  function icon(name) {
    const look = { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" };
    return svg("svg", look, svg("path", { d: ICONS[name] }));
  }

  /**
   * Return the element with an id.
   * @param {string} id
   * @returns {HTMLElement}
   */
  const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

  /**
   * Return the elements that a selector finds.
   * @param {ParentNode} home
   * @param {string} selector
   */
  const all = (home, selector) => /** @type {HTMLElement[]} */ ([...home.querySelectorAll(selector)]);

  /**
   * Put children where others were, and leave the keyboard where it was: on the element with the
   * same `data-key`, if there is one again.
   * @param {HTMLElement} home
   * @param {...(Node|string|null|false)} children
   */
  function fill(home, ...children) {
    const held = document.activeElement;
    const key = held instanceof HTMLElement && home.contains(held) ? held.dataset.key : undefined;
    home.replaceChildren(...present(children));
    if (key) {
      const again = all(home, "[data-key]").find((each) => each.dataset.key === key);
      if (again) again.focus({ preventScroll: true });
    }
  }

  /**
   * Return a box in the colour of a class.
   * @param {string} colour
   */
  const chip = (colour) => el("span", { class: "chip", "aria-hidden": "true", style: { "--chip": colour } });

  /**
   * Say something to who listens to the page instead of looking at it.
   * @param {string} said
   */
  function announce(said) {
    at("live").textContent = said;
  }

  return { el, svg, icon, at, all, fill, chip, announce };
})();
