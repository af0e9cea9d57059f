/** Rendering writes nothing: components and hooks change a ref in an effect or a handler, never while drawing. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SOURCE = join(__dirname, "..", "src");
const FILES = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((name) =>
  /\.tsx?$/.test(name),
);

const WRITE = /\.current(\.\w+|\[[^\]]*\])* (\|\||&&|\?\?|[-+])?= /;
const DRAWN = /^(export )?function ([A-Z]|use[A-Z])/;
const BLOCK = /^\s*(\} )?(if|else|while|for|switch|try|catch|finally)\b/;

/** The lines with which the body of a component or hook assigns to a ref; the indentation tells the block of a line. */
function writesWhileDrawing(text: string): string[] {
  const around: string[] = []; // by depth, the line that opens the block
  return text.split("\n").flatMap((line) => {
    const depth = (/^ */.exec(line)?.[0].length ?? 0) / 2;
    if (line.trim() !== "") around.splice(depth, around.length, line);
    const [top = "", ...within] = around.slice(0, depth);
    const isDrawn = DRAWN.test(top) && within.every((each) => BLOCK.test(each));
    return isDrawn && WRITE.test(line.replace(/=> .*/, "")) ? [line.trim()] : [];
  });
}

test("an assignment to a ref in the body of a hook is found, an assignment in a handler is not", () => {
  const text = [
    "export function useKeys() {",
    "  held.current = 1;",
    "  if (isFirst) held.current = 2;",
    "  while (isShort) {",
    "    next.current += 1;",
    "  }",
    "  const end = () => {",
    "    held.current = 3;",
    "  };",
    "}",
  ].join("\n");
  expect(writesWhileDrawing(text)).toEqual([
    "held.current = 1;",
    "if (isFirst) held.current = 2;",
    "next.current += 1;",
  ]);
});

test.each(FILES)("no component and no hook of %s assigns to a ref while drawing", (name) => {
  expect(writesWhileDrawing(readFileSync(join(SOURCE, name), "utf8"))).toEqual([]);
});
