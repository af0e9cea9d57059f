// Writes the schemas of @jsonforms/examples and @rjsf/snapshot-tests as FOLDER/<set>/<name>.json, each schema once:
//
//   npm install --prefix FOLDER --ignore-scripts --legacy-peer-deps @jsonforms/examples @rjsf/snapshot-tests
//   node tests/bench/schemas_of_packages.mjs FOLDER
//
// Neither package offers the schemas as data, so the code of the packages runs, with stand-ins for all imports.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import vm from "node:vm";

const folder = process.argv[2];
if (!folder)
  throw new Error("Say in which folder the packages are installed: node schemas_of_packages.mjs FOLDER");

const seen = new Set();

function keep(set, name, schema) {
  const text = JSON.stringify(schema, null, 1);
  if (text === undefined || seen.has(set + text)) return;
  seen.add(set + text);
  mkdirSync(`${folder}/${set}`, { recursive: true });
  writeFileSync(`${folder}/${set}/${name.replace(/[^\w-]+/g, "_").slice(0, 120)}.json`, text);
}

/** The code of a module without imports and exports. */
const alone = (file) =>
  readFileSync(file, "utf8")
    .replace(/^import .*$/gm, "")
    .replace(/^export \{.*$/gm, "")
    .replace(/^export /gm, "");

/** A stand-in for any import: can be called, and has every member. */
const anything = new Proxy(() => anything, {
  get: (_, key) => (key === Symbol.toPrimitive ? () => "" : key === "then" ? undefined : anything),
  apply: () => anything,
});

function jsonForms() {
  const file = `${folder}/node_modules/@jsonforms/examples/lib/jsonforms-examples.esm.js`;
  const names = [
    "get",
    "localize",
    "ArrayTranslationEnum",
    "NOT_APPLICABLE",
    "convertDateToString",
    "updateErrors",
  ];
  const world = { console, ...Object.fromEntries(names.map((name) => [name, anything])) };
  for (const example of vm.runInNewContext(`${alone(file)}\ngetExamples()`, world)) {
    keep("jsonforms", example.name, example.schema);
  }
}

function rjsf() {
  const path = [];
  let count = 0;
  const within = (name, body) => {
    path.push(name);
    const ended = body();
    path.pop();
    return ended;
  };
  const element = (_, props) => props;
  const render = (props) => {
    keep("rjsf", `${path.join("-")}-${count++}`, props.schema);
    return anything;
  };
  const world = {
    console,
    render,
    describe: within,
    test: within,
    it: within,
    _jsx: element,
    _jsxs: element,
  };
  const hooks = ["beforeAll", "beforeEach", "afterAll", "afterEach", "vi", "expect"];
  const names = [
    ...hooks,
    "validator",
    "bracketNameGenerator",
    "dotNotationNameGenerator",
    "LOOKUP_MAP_NAME",
  ];
  const lib = `${folder}/node_modules/@rjsf/snapshot-tests/lib/`;
  for (const file of readdirSync(lib).filter((name) => name.endsWith("Tests.js"))) {
    const stands = Object.fromEntries(names.map((name) => [name, anything]));
    vm.runInNewContext(`${alone(lib + file)}\n${file.replace(".js", "")}(function Form() {}, {})`, {
      ...world,
      ...stands,
    });
  }
}

jsonForms();
rjsf();
