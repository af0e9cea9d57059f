/**
 * Build `nbhitl/static/`: ESM without imports, the style sheets inside as text.
 *
 * `card.js` and `inbox.js` are the code of the two widgets, `stub.js` loads either. The parts are code that only some
 * cards need; a part takes the libraries from the card (js/src/parts.ts), so that there is a single copy of each.
 *
 * `--check` builds in memory and compares with the committed files. `--outdir DIR` writes elsewhere.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { minify } from "terser";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const COMMITTED = join(ROOT, "..", "nbhitl", "static");
const WHOLE = { card: "src/widget.tsx", inbox: "src/inbox/glue.tsx", stub: "src/stub.ts" };
const PARTS = { batch: "src/batch-part.ts", markdown: "src/contents/markdown-part.ts" };
const OF_THE_CARD = ["preact", "preact/hooks", "preact/jsx-runtime", "@preact/signals"];
const GZIP_LIMIT = {
  "card.js": 73_000,
  "inbox.js": 20_000,
  "stub.js": 700,
  "batch.js": 8_500,
  "markdown.js": 19_000,
};

/** `import css from "./style.css?inline"`, as in vite: the minified text. */
const inlineCss = {
  name: "inline-css",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.css\?inline$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.replace("?inline", "")),
      namespace: "inline-css",
    }));
    onLoad({ filter: /.*/, namespace: "inline-css" }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text", watchFiles: [path] };
    });
  },
};

/** A part is a function that takes `require` and returns its exports. */
const asPart = {
  format: "cjs",
  external: OF_THE_CARD,
  banner: { js: "export default (require) => { const module = { exports: {} };" },
  footer: { js: "return module.exports; };" },
};

function bundle(entryPoints, how) {
  return build({
    absWorkingDir: ROOT,
    entryPoints,
    outdir: "out",
    write: false,
    bundle: true,
    minify: true,
    ...how,
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    metafile: true,
    plugins: [inlineCss],
    logLevel: "warning",
  });
}

/** What esbuild has minified becomes a thirtieth smaller: terser also shortens expressions over several statements. */
async function minified(text) {
  const { code } = await minify(text, { module: true, ecma: 2022, compress: { passes: 3 } });
  return Buffer.from(code);
}

/** The packages whose code ended up in a file: their licences must be handed on with the file. */
function licences(metafiles) {
  const outputs = metafiles.flatMap(({ outputs }) => Object.values(outputs));
  const inputs = outputs.flatMap(({ inputs }) => Object.keys(inputs));
  const packages = inputs.flatMap((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []);
  return [...new Set(packages)].sort().map((name) => {
    const text = readFileSync(join(ROOT, "node_modules", name, "LICENSE"), "utf8");
    return `${name}\n\n${text.trim()}\n`;
  });
}

/** File name → bytes. */
async function files() {
  const bundles = await Promise.all([bundle(WHOLE, { format: "esm" }), bundle(PARTS, asPart)]);
  const outputFiles = bundles.flatMap(({ outputFiles }) => outputFiles);
  const built = await Promise.all(
    outputFiles.map(async ({ path, text }) => [basename(path), await minified(text)]),
  );
  const texts = licences(bundles.map(({ metafile }) => metafile));
  const notice = `The files beside this one contain code of these packages.\n\n${texts.join("\n---\n\n")}`;
  return Object.fromEntries([...built, ["card.licenses.txt", Buffer.from(notice)]]);
}

function reportSize(name, bytes) {
  const limit = GZIP_LIMIT[name];
  if (!limit) return true;
  const zipped = gzipSync(bytes, { level: 9 }).length;
  console.log(`${name}: ${bytes.length} bytes, ${zipped} gzip (limit ${limit})`);
  return zipped <= limit;
}

function write(directory, name, bytes) {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, name), bytes);
  return true;
}

function isFresh(directory, name, bytes) {
  const path = join(directory, name);
  const fresh = existsSync(path) && readFileSync(path).equals(bytes);
  if (!fresh)
    console.error(`${relative(dirname(COMMITTED), path)} is stale: run \`npm --prefix js run build\`.`);
  return fresh;
}

const { values: options } = parseArgs({
  options: { check: { type: "boolean", default: false }, outdir: { type: "string", default: COMMITTED } },
});
const settle = options.check ? isFresh : write;
const verdicts = Object.entries(await files()).flatMap(([name, bytes]) => [
  reportSize(name, bytes),
  settle(options.outdir, name, bytes),
]);
if (verdicts.includes(false)) process.exit(1);
