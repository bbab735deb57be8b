"use strict";

/** Words and numbers in the reader's language. */
const words = (() => {
  const TIED = "\u00a0";
  let book = { es: {}, en: {} };
  /** @type {Array<[number, number]>} */
  let sizes = [[0, 1]];
  let language = "es";

  /**
   * Take the phrases of the page, and from which size on a measured value has how many decimals.
   * @param {{es: Object<string, string>, en: Object<string, string>}} phrases
   * @param {Array<[number, number]>} measures The largest size first.
   */
  function start(phrases, measures) {
    book = phrases;
    sizes = measures;
  }

  /** @param {string} wanted "es" or "en" */
  function speak(wanted) {
    language = wanted === "en" ? "en" : "es";
    document.documentElement.lang = language;
  }

  /**
   * Return a phrase with its places filled.
   * @param {string} key
   * @param {Object<string, string|number>} [values]
   */
  function t(key, values = {}) {
    const phrase = book[language][key] ?? key;
    return phrase.replace(/\{(\w+)\}/g, (whole_, name) => (name in values ? String(values[name]) : whole_));
  }

  /**
   * Return what data say in two languages in the reader's.
   * @param {{es: string, en: string}|null} text
   */
  const said = (text) => (text ? text[language] : "");

  /** @param {string} digits */
  function grouped(digits) {
    const [full, part] = digits.split(".");
    const apart = full.replace(/\B(?=(\d{3})+(?!\d))/g, language === "en" ? "," : TIED);
    return part ? `${apart}.${part}` : apart;
  }

  /**
   * Return a number with some decimals; never minus nothing. Of two that are as near it is the even
   * one, as in every other output; `toFixed` takes the larger.
   * @param {number} value
   * @param {number} digits
   */
  function fixed(value, digits) {
    // Halfway between two decimal numbers lies only what is an odd number of halves of 1 / 2 ** digits.
    const low = Math.floor(value * 10 ** digits);
    const tied = Math.abs(value * 2 ** (digits + 1)) % 2 === 1;
    const near = tied ? (low % 2 === 0 ? low : low + 1) / 10 ** digits : value;
    return near.toFixed(digits).replace(/^-(?=[0.]+$)/, "");
  }

  /** Return a count: people, cells. @param {number} count */
  const whole = (count) => (Number.isFinite(count) ? grouped(fixed(count, 0)) : "–");

  /** Return a score with one decimal, or a dash. @param {number|null} value */
  const score = (value) => (Number.isFinite(value) ? fixed(value, 1) : "–");

  /** Return a measured value with its unit; a large one has fewer decimals. @param {number} value @param {string} unit */
  function measured(value, unit) {
    if (!Number.isFinite(value)) return "–";
    const [, digits] = sizes.find(([size]) => Math.abs(value) >= size);
    return `${grouped(fixed(value, digits))}${TIED}${unit}`;
  }

  /** Return a share of 1; what exists is never shown as nothing, nor as everything. @param {number} share */
  function percent(share) {
    if (!Number.isFinite(share)) return "–";
    const full = share * 100;
    const rounded = Number(fixed(full, 1));
    const nothing = full < 1e-9;
    const everything = full > 100 - 1e-9;
    if (rounded === 0 && !nothing) return `<0.1${TIED}%`;
    if (rounded === 100 && !everything) return `>99.9${TIED}%`;
    return `${fixed(rounded, nothing || everything ? 0 : 1)}${TIED}%`;
  }

  /** Return words with a capital at the beginning. @param {string} text */
  const sentence = (text) => text.charAt(0).toLocaleUpperCase(language) + text.slice(1);

  /** Return words without accents or capitals, to be compared. @param {string} text */
  const bare = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  /** Return the name of a node with its code. @param {{code: string, name: {es: string, en: string}}} node */
  const named = (node) => (node.code ? `${node.code} · ${said(node.name)}` : said(node.name));

  /** Say the parts of the page that stand in its markup. */
  function label() {
    for (const each of dom.all(document, "[data-word]")) {
      const icon = each.getAttribute("data-icon");
      if (icon) {
        // Where there is no room for the word, its sign stays, and must still be called something.
        each.replaceChildren(dom.icon(icon), dom.el("span", { text: t(each.dataset.word) }));
        each.setAttribute("aria-label", t(each.dataset.word));
        each.title = t(each.dataset.word);
      } else each.textContent = t(each.dataset.word);
    }
    for (const each of dom.all(document, "[data-label]")) {
      each.setAttribute("aria-label", t(each.dataset.label));
      if (each.tagName === "BUTTON") {
        each.title = t(each.dataset.label);
        if (each.dataset.icon) each.replaceChildren(dom.icon(each.dataset.icon));
      }
    }
  }

  return {
    start,
    speak,
    t,
    said,
    whole,
    score,
    measured,
    percent,
    sentence,
    bare,
    named,
    label,
    spoken: () => language,
  };
})();
