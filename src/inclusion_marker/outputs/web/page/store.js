"use strict";

/**
 * What the reader has chosen, in one place.
 *
 * @typedef {object} State
 * @property {string} language "es" or "en".
 * @property {string} node Id of the score shown.
 * @property {"published"|"viridis"} palette
 * @property {number[]} off Classes left out, 0 = no data.
 * @property {number} people Fewest people of a cell.
 * @property {string[]} unsure Confidences left out.
 * @property {string} district Id of the only district shown, "" for all.
 * @property {{kind: "cell"|"district", id: string, spot?: string}|null} selection `spot` is the place
 *   that was looked for in the cell.
 * @property {string[]} layers Ids of the layers drawn: "boundary", "districts", services, spaces.
 * @property {[number, number, number]|null} at Longitude, latitude, zoom.
 * @property {string} tab
 */
const store = (() => {
  /** @type {State} */
  let state;
  /** @type {Array<[string[], (state: State) => void]>} */
  const listeners = [];

  /** @param {State} first */
  function start(first) {
    state = first;
  }

  /**
   * Call back when one of these has changed.
   * @param {string[]} keys
   * @param {(state: State) => void} does
   */
  function on(keys, does) {
    listeners.push([keys, does]);
  }

  /**
   * Change something, and tell who listens.
   * @param {Partial<State>} patch
   */
  function set(patch) {
    const changed = Object.keys(patch).filter((key) => JSON.stringify(patch[key]) !== JSON.stringify(state[key]));
    if (!changed.length) return;
    state = { ...state, ...patch };
    for (const [keys, does] of listeners) if (keys.some((key) => changed.includes(key))) does(state);
  }

  return { start, on, set, get: () => state };
})();

/** Names of what a filter looks at. */
const FILTERS = ["off", "people", "unsure", "district"];
