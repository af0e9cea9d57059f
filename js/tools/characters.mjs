/**
 * Write `nbhitl/text/code_points.py` from the classes of characters in `src/shown.tsx`, or with `--check` prove that
 * the file is up to date: Python's `re` has no Unicode properties.
 *
 * Another Node may know another Unicode; then `--check` compares nothing, and says so.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TARGET = fileURLToPath(new URL("../../nbhitl/text/code_points.py", import.meta.url));
const BANNER = `"""Classes of characters, as ranges for \`re\`.

Generated from js/src/shown.tsx by js/tools/characters.mjs. Do not edit: change the TypeScript and run \`poe characters\`.
"""`;
const LINE = 100;
const LAST = 0x10ffff;

async function classes() {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ["src/shown.tsx"],
    write: false,
    bundle: true,
    format: "esm",
    jsx: "automatic",
    jsxImportSource: "preact",
  });
  const code = Buffer.from(outputFiles[0].contents).toString("base64");
  return (await import(`data:text/javascript;base64,${code}`)).CLASSES;
}

function ranges(source) {
  const belongs = new RegExp(`^[${source}]$`, "u");
  const found = [];
  for (let code = 0; code <= LAST; code++) {
    if (!belongs.test(String.fromCodePoint(code))) continue;
    if (found.length > 0 && found.at(-1)[1] === code - 1) found.at(-1)[1] = code;
    else found.push([code, code]);
  }
  return found;
}

function escaped(code) {
  const hex = code.toString(16);
  return code > 0xffff ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
}

function written([first, last]) {
  return first === last ? escaped(first) : `${escaped(first)}-${escaped(last)}`;
}

function python(name, source) {
  const lines = [""];
  for (const range of ranges(source).map(written)) {
    if (lines.at(-1).length + range.length > LINE) lines.push("");
    lines[lines.length - 1] += range;
  }
  const texts = lines.map((line) => `    r"${line}"`);
  return lines.length === 1
    ? `${name.toUpperCase()} = r"${lines[0]}"`
    : `${name.toUpperCase()} = (\n${texts.join("\n")}\n)`;
}

const present = existsSync(TARGET) ? readFileSync(TARGET, "utf8") : "";
const known = /^UNICODE = "(.*)"$/m.exec(present)?.[1];
const isChecked = process.argv.includes("--check");
if (isChecked && known !== undefined && known !== process.versions.unicode) {
  console.log(
    `nbhitl/text/code_points.py is of Unicode ${known}, this Node knows ${process.versions.unicode}: not compared.`,
  );
  process.exit(0);
}
const fresh = [
  BANNER,
  "",
  `UNICODE = "${process.versions.unicode}"`,
  ...Object.entries(await classes()).map(([name, source]) => python(name, source)),
  "",
].join("\n");
if (!isChecked) {
  writeFileSync(TARGET, fresh);
} else if (fresh !== present) {
  console.error(
    "nbhitl/text/code_points.py is older than js/src/shown.tsx: run `npm --prefix js run characters`.",
  );
  process.exit(1);
}
