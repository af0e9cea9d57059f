/**
 * Build `nbhitl/static/card.js` and `stub.js`: ESM without imports, the style sheet inside as text.
 *
 * `--check` builds in memory and compares with what is committed. `--outdir DIR` writes elsewhere.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const COMMITTED = join(ROOT, "..", "nbhitl", "static");
const GZIP_LIMIT = { "card.js": 90_000, "stub.js": 700 };

/** `import css from "./style.css?inline"`, as vite spells it: the minified text. */
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

function bundle() {
  return build({
    absWorkingDir: ROOT,
    entryPoints: { card: "src/widget.tsx", stub: "src/stub.ts" },
    outdir: "out",
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    metafile: true,
    plugins: [inlineCss],
    logLevel: "warning",
  });
}

/** The packages whose code ended up in the bundle: their licences ask to be handed on with it. */
function licences(metafile) {
  const inputs = Object.keys(metafile.outputs["out/card.js"].inputs);
  const packages = inputs.flatMap((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []);
  return [...new Set(packages)].sort().map((name) => {
    const text = readFileSync(join(ROOT, "node_modules", name, "LICENSE"), "utf8");
    return `${name}\n\n${text.trim()}\n`;
  });
}

/** File name → bytes. */
async function files() {
  const { outputFiles, metafile } = await bundle();
  const built = outputFiles.map(({ path, contents }) => [basename(path), Buffer.from(contents)]);
  const notice = `card.js contains code of these packages.\n\n${licences(metafile).join("\n---\n\n")}`;
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
