// The assistant's page, as a reader works with it.

/** What a browser reports when there is no server: when a test ends, the server is the first to go. */
export const FAILED = /^WebSocket connection to '\S+' failed/;

export class Assistant {
  constructor(page) {
    this.page = page;
    this.question = page.getByRole("textbox", { name: "Your question" });
    this.send = page.getByRole("button", { name: "Send" });
    this.state = page.locator("#state");
    this.turns = page.locator("#conversation > li");
    this.stops = page.getByRole("button", { name: /^Stop/ });
  }

  connected() {
    return this.state.filter({ hasText: /^Connected$/ }).waitFor();
  }

  async ask(text) {
    await this.question.fill(text);
    await this.question.press("Enter");
  }

  /** Waits until an answer holds these words. */
  says(number, words) {
    return this.turns.nth(number).locator(".words").filter({ hasText: words }).waitFor();
  }

  words(number) {
    return this.turns.nth(number).locator(".words").textContent();
  }

  remark(number) {
    return this.turns.nth(number).locator(".end").textContent();
  }

  status(number) {
    return this.turns.nth(number).evaluate((turn) => turn.dataset.status);
  }

  /** Waits until an answer has ended, and how. */
  ends(number, status) {
    return this.page.waitForFunction(([number, status]) =>
      document.querySelectorAll("#conversation > li")[number]?.dataset.status === status, [number, status]);
  }

  /** From now on, collects all that an element, or the newest answer, has shown. */
  async grows(selector = "#conversation > li:last-child .words") {
    const seen = await this.page.evaluateHandle((selector) => {
      const seen = [];
      new MutationObserver(() => {
        const text = document.querySelector(selector)?.textContent;
        if (text && text !== seen.at(-1)) seen.push(text);
      }).observe(document.body, { childList: true, subtree: true, characterData: true });
      return seen;
    }, selector);
    return () => seen.jsonValue();
  }
}
