/** Something outside of the page did not do what it was asked to. Its kind is one of the `troubles` in words.js. */
export class Trouble extends Error {
  /**
   * @param {string} kind
   * @param {number | string} [detail] such as the status of an answer
   */
  constructor(kind, detail) {
    super(`${kind} ${detail ?? ''}`.trim());
    this.kind = kind;
    this.detail = detail;
  }
}
