/**
 * Markdown, drawn element by element.
 *
 * `marked` (see markdown-part.ts) only reads the text; the tokens become elements here, and no HTML is ever parsed. Only the
 * elements below can be drawn, and HTML within the text is shown as written: comments and hidden parts are
 * visible.
 *
 * This is code of the part: the card passes in the components that both use.
 */
import type { MarkedToken, Token, Tokens } from "marked";
import { type ComponentChildren, createContext, type JSX } from "preact";
import { useContext } from "preact/hooks";
import type { isRaster } from "../links";
import type { Shown } from "../shown";
import type { contents } from "../strings";
import type { CodeView } from "./code";
import type { ImageView } from "./image";
import type { Anchor } from "./link";
import type { Formula, MathToken } from "./math";

/** The components that the card uses with Markdown and without. */
export interface Leaves {
  Anchor: typeof Anchor;
  CodeView: typeof CodeView;
  Formula: typeof Formula;
  ImageView: typeof ImageView;
  Shown: typeof Shown;
  isRaster: typeof isRaster;
  texts: Pick<typeof contents, "table" | "image" | "asWritten">;
}

/** Depth of lists and quotes; deeper levels are drawn as written. */
const DEEPEST = 24;

type Known = MarkedToken | MathToken;

const LeavesOf = createContext<Leaves | null>(null);

/** The context is there: only `MarkdownView` draws these components. */
const useLeaves = () => useContext(LeavesOf) as Leaves;

export function MarkdownView({ tokens, leaves }: { tokens: Token[]; leaves: Leaves }) {
  return <LeavesOf.Provider value={leaves}>{draw(tokens, 0)}</LeavesOf.Provider>;
}

function draw(tokens: Token[] | undefined, depth: number): ComponentChildren {
  return tokens?.map((token, index) => <Drawn key={index} token={token as Known} depth={depth + 1} />);
}

function Drawn({ token, depth }: { token: Known; depth: number }): ComponentChildren {
  const { Anchor, CodeView, Formula, Shown } = useLeaves();
  if (depth > DEEPEST) return <Shown text={token.raw} />;
  switch (token.type) {
    case "space":
      return null;
    case "def":
      return <Raw text={token.raw.trim()} />;
    case "paragraph":
      return <p dir="auto">{draw(token.tokens, depth)}</p>;
    case "heading":
      return <Heading token={token} depth={depth} />;
    case "code":
      return <CodeView text={token.text} language={/^\S*/.exec(token.lang ?? "")?.[0] ?? ""} />;
    case "blockquote":
      return <blockquote>{draw(token.tokens, depth)}</blockquote>;
    case "list":
      return <List token={token} depth={depth} />;
    case "list_item":
      return <li dir="auto">{draw(token.tokens, depth)}</li>;
    case "checkbox":
      return token.checked ? "☑ " : "☐ ";
    case "table":
      return <Table token={token} depth={depth} />;
    case "hr":
      return <hr />;
    case "html":
      return /^<br\s*\/?>$/i.test(token.text) ? <br /> : <Raw text={token.text} />;
    case "text":
    case "escape":
      return "tokens" in token && token.tokens ? draw(token.tokens, depth) : <Words text={token.text} />;
    case "strong":
      return <strong>{draw(token.tokens, depth)}</strong>;
    case "em":
      return <em>{draw(token.tokens, depth)}</em>;
    case "del":
      return <s>{draw(token.tokens, depth)}</s>;
    case "codespan":
      return (
        <code>
          <Shown text={token.text} />
        </code>
      );
    case "br":
      return <br />;
    case "link":
      return (
        <Anchor url={decoded(token.href)} label={decoded(token.text)}>
          {draw(token.tokens, depth)}
        </Anchor>
      );
    case "image":
      return <Picture token={token} />;
    case "math":
      return <Formula source={token.raw} />;
    default:
      return token satisfies never;
  }
}

/** Below the headings of the card, at any level in the text. */
function Heading({ token, depth }: { token: Tokens.Heading; depth: number }) {
  const Name = `h${Math.min(6, token.depth + 2)}` as "h3";
  return <Name dir="auto">{draw(token.tokens, depth)}</Name>;
}

function List({ token: { ordered, start, items }, depth }: { token: Tokens.List; depth: number }) {
  if (ordered) return <ol start={Number(start)}>{draw(items, depth)}</ol>;
  return <ul>{draw(items, depth)}</ul>;
}

function Table({ token: { header, rows }, depth }: { token: Tokens.Table; depth: number }) {
  const { texts } = useLeaves();
  const cells = (row: Tokens.TableCell[], Name: "th" | "td") =>
    row.map(({ tokens, align }, index) => (
      <Name key={index} dir="auto" class={align ? `align-${align}` : undefined}>
        {draw(tokens, depth)}
      </Name>
    ));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a border
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable element must be reachable by keyboard
    <div class="scroll" tabIndex={0} role="group" aria-label={texts.table}>
      <table>
        <thead>
          <tr>{cells(header, "th")}</tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>{cells(row, "td")}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A remote image would tell the server who reads this: the image becomes a link. */
function Picture({ token: { href, text } }: { token: Tokens.Image }): JSX.Element {
  const { Anchor, ImageView, isRaster, texts } = useLeaves();
  const url = decoded(href);
  const label = decoded(text) || texts.image;
  return isRaster(url) ? <ImageView src={url} alt={label} /> : <Anchor url={url} label={label} />;
}

function Raw({ text }: { text: string }) {
  const { Shown, texts } = useLeaves();
  return (
    <code class="raw" title={texts.asWritten}>
      <Shown text={text} />
    </code>
  );
}

function Words({ text }: { text: string }) {
  const { Shown } = useLeaves();
  return <Shown text={decoded(text)} />;
}

/** Entities such as `&amp;`, which marked leaves to a browser. Only a single entity is parsed at a time. */
function decoded(text: string): string {
  return text.replace(/&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z]\w{1,31});/g, (entity) => {
    return new DOMParser().parseFromString(entity, "text/html").body.textContent || entity;
  });
}
