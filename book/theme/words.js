// What the scripts say, in the language of the page. English stands in the scripts, marked by a tag:
//
//     say`Closed. ${code}: ${meaning}.`
//
// and each other language in a file of the folder `words`, as `"Closed. {}: {}.": "…"`. Where that
// has other needs, `{2}` is the second value. What is missing there is said in English.
"use strict";
{
  const languages = {};
  const language = globalThis.document?.documentElement.lang;

  const say = (parts, ...values) => {
    const english = parts.join("{}");
    let next = 0;
    return (languages[language]?.[english] ?? english).replace(/\{(\d?)\}/gu, (_, number) => {
      next += 1;
      return String(values[(number || next) - 1]);
    });
  };

  Object.assign(globalThis, { say, courseWords: languages });
}
