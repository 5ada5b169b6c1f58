// The replay on the first page: a recorded translation plays as soon as it is seen. It stands on
// parts of the live console, and has no controls but one.
//
//     <div class="replay">
//
//     (the recorded session, as for a console)
//
//     </div>
//
// Without JavaScript, on paper and on the print page the recording is what there is to see.
"use strict";
{
  const { Player, Run, TimeLine, Translation, button, make, parseTranscripts } = liveConsole;

  class Replay {
    constructor(root, entries) {
      this.root = root;
      this.entries = entries;
      this.preview = new Translation();
      this.timeLine = new TimeLine(Translation.label);
      this.asked = make("bdi", { class: "replay-asked" });
      this.again = button(say`Play again`);
      this.again.addEventListener("click", () => this.play());
      const panel = make("div", { class: "replay-panel" }, this.asked, this.preview.element, this.timeLine.element, this.again);
      root.append(panel);
      root.classList.add("replay-ready");
      new ResizeObserver(() => this.render()).observe(this.timeLine.element);
      this.begin();
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.showAll();
      else this.playWhenSeen();
    }

    begin() {
      this.player?.stop();
      clearInterval(this.watching);
      this.run = new Run("recorded");
      this.preview.begin();
      this.asked.textContent = "";
    }

    add(entry) {
      this.run.add(entry);
      this.preview.add(entry);
      if (entry.from === "client" && entry.kind === "text") this.asked.textContent = entry.text;
      this.render();
    }

    showAll() {
      for (const entry of this.entries) this.add(entry);
      this.run.open = false;
      this.render();
    }

    play() {
      this.begin();
      const done = () => {
        clearInterval(this.watching);
        this.render();
      };
      this.player = new Player(this.entries, this.run, { speed: 1, add: (entry) => this.add(entry), done });
      this.player.play();
      // The present moves along the time line.
      this.watching = setInterval(() => this.render(), 50);
    }

    playWhenSeen() {
      const seen = new IntersectionObserver(([{ isIntersecting }]) => {
        if (!isIntersecting) return;
        seen.disconnect();
        this.play();
      }, { threshold: 0.5 });
      seen.observe(this.timeLine.element);
      this.render();
    }

    render() {
      this.timeLine.render([{ run: this.run, client: 1 }], { least: this.entries.at(-1).ms });
      this.preview.render();
    }
  }

  const isPrint = location.pathname.endsWith("/print.html");
  for (const root of isPrint ? [] : document.querySelectorAll("div.replay")) {
    const [entries] = parseTranscripts(root.querySelector("code").textContent);
    new Replay(root, entries);
  }
}
