/** Text to read. */
import type { Prose } from "../protocol";
import { Shown } from "../shown";
import { scrolls, useCut } from "./cut";
import { Markdown } from "./markdown";

const LIMIT = 6_000;
/** Markdown is slow to read: characters that are read at first… */
const MARKDOWN_LIMIT = 16_000;
/** …and characters beyond which the text is drawn as written. */
const MOST_MARKDOWN = 100_000;

export function ProseView({ text, markdown }: Pick<Prose, "text" | "markdown">) {
  if (markdown && text.length <= MOST_MARKDOWN) return <MarkdownProse text={text} />;
  return <PlainProse text={text} />;
}

function MarkdownProse({ text }: { text: string }) {
  const { shown, more } = useCut(text, MARKDOWN_LIMIT);
  return (
    <>
      <Markdown text={shown} />
      {more}
    </>
  );
}

function PlainProse({ text }: { text: string }) {
  const { shown, more } = useCut(text, LIMIT);
  return (
    <>
      <p class="prose" dir="auto" tabIndex={scrolls(shown)}>
        <Shown text={shown} />
      </p>
      {more}
    </>
  );
}
