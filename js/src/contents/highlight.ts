/** Light colouring: comments, strings, numbers and keywords, which read alike in most languages. */

export interface Piece {
  look: "comment" | "string" | "name" | "number" | "keyword" | null;
  text: string;
}

interface Language {
  names: string;
  comments: string[];
  keywords: string;
}

const HASH = "#[^\\n]*";
const SLASHES = "\\/\\/[^\\n]*";
const BLOCK = "\\/\\*[\\s\\S]*?(?:\\*\\/|$)";

const LANGUAGES: Language[] = [
  {
    names: "python py python3 ipython",
    comments: [HASH],
    keywords:
      "False None True and as assert async await break case class continue def del elif else except finally for from " +
      "global if import in is lambda match nonlocal not or pass raise return self try while with yield",
  },
  {
    names: "sql postgres postgresql mysql sqlite duckdb bigquery",
    comments: ["--[^\\n]*", BLOCK],
    keywords:
      "add all alter and as asc begin between by case cast check column commit constraint create cross database default " +
      "delete desc distinct drop else end except exists false foreign from full grant group having if in index inner " +
      "insert intersect into is join key left like limit not null offset on or order outer over partition primary " +
      "references returning revoke right rollback select set table then transaction true truncate union unique " +
      "update using values view when where with",
  },
  {
    names: "javascript js jsx typescript ts tsx java c cpp c++ csharp cs go rust rs kotlin swift scala php",
    comments: [SLASHES, BLOCK],
    keywords:
      "async await break case catch class const continue default delete do else enum export extends false final finally " +
      "fn for from func function go if impl import in instanceof interface let match mut new nil null of package private " +
      "protected pub public return static struct super switch this throw throws true try type typeof undefined use var " +
      "void while yield",
  },
  {
    names: "bash sh shell zsh console",
    comments: ["(?<=^|\\s)#[^\\n]*"],
    keywords:
      "case do done elif else esac exit export fi for function if in local return set sudo then unset while",
  },
  { names: "json jsonc json5", comments: [SLASHES, BLOCK], keywords: "false null true" },
  { names: "yaml yml toml ini r", comments: ["(?<=^|\\s)#[^\\n]*"], keywords: "false no null true yes" },
];

const STRINGS =
  "\"\"\"[\\s\\S]*?(?:\"\"\"|$)|'''[\\s\\S]*?(?:'''|$)|\"(?:\\\\.|[^\"\\\\\\n])*\"?|'(?:\\\\.|[^'\\\\\\n])*'?|`(?:\\\\.|[^`\\\\])*`?";
const NUMBER = "(?<![\\w.])\\d(?:[\\w.]|(?<=[eE])[+-])*";
const WORD = "[A-Za-z_]\\w*";
/** Characters; a longer text is drawn plain. */
const MOST = 40_000;

export function highlight(text: string, language: string): Piece[] {
  const known = LANGUAGES.find(({ names }) => names.split(" ").includes(language.toLowerCase()));
  if (!known || text.length > MOST) return [{ look: null, text }];
  const { comments, keywords } = known;
  const anyCase = known.names.startsWith("sql");
  const words = new Set(keywords.split(" "));
  const isKeyword = (word: string) => words.has(anyCase ? word.toLowerCase() : word);
  const pattern = new RegExp(`(${comments.join("|")})|(${STRINGS})|(${NUMBER})|(${WORD})`, "gm");
  const pieces: Piece[] = [];
  let end = 0;
  for (const { index, 0: match, 1: comment, 2: string, 3: number } of text.matchAll(pattern)) {
    if (index > end) pieces.push({ look: null, text: text.slice(end, index) });
    end = index + match.length;
    const look = comment ? "comment" : string ? stringOrName(text, end) : number ? "number" : null;
    pieces.push({ look: look ?? (isKeyword(match) ? "keyword" : null), text: match });
  }
  pieces.push({ look: null, text: text.slice(end) });
  return merged(pieces);
}

/** A string before a colon is the name of a member. */
function stringOrName(text: string, end: number): "string" | "name" {
  return /^\s*:/.test(text.slice(end, end + 8)) ? "name" : "string";
}

function merged(pieces: Piece[]): Piece[] {
  const result: Piece[] = [];
  for (const { look, text } of pieces) {
    const before = result.at(-1);
    if (before?.look === look) before.text += text;
    else if (text) result.push({ look, text });
  }
  return result;
}
