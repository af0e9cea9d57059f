/** A text to write or to revise: the text in the field is sent. */
import { useState } from "preact/hooks";
import { Changes } from "../changes";
import { CodeView } from "../contents/code";
import { ProseView } from "../contents/prose";
import { Offers } from "../offers";
import type { Field } from "../protocol";
import { unseenIn } from "../shown";
import * as strings from "../strings";
import { Tabs } from "../tabs";
import { useLate } from "../use-late";
import { countLines, countWords } from "../words";
import { Area, type FieldKind, type FieldProps, type NoteProps, type Sent, VALID } from "./base";

export const text: FieldKind = {
  View,
  code: false,
  editable: true,
  drafted: true,
  labels: () => true,
  checked: false,
  typed: true,
  sent,
  Note,
  check: () => VALID,
};

/** Characters of an answer up to which the note shows the answer to be sent. */
const SHORT = 300;

/** Characters from which comparing and counting wait for a pause. */
const LARGE = 5_000;
const PAUSE_MS = 200;

const words = strings.review;

function View({ question: { field }, draft, readOnly, id, describedBy, labelledBy, ...on }: FieldProps) {
  const [tab, setTab] = useState<"write" | "preview">("write");
  const settled = useSettled(draft);
  if (field.kind !== "text") return null;
  const { language, original } = field;
  const isCode = isCodeIn(language);
  const area = (
    <Area
      id={id}
      value={draft}
      code={isCode}
      readOnly={readOnly}
      invalid={false}
      describedBy={describedBy}
      onInput={on.onDraft}
    />
  );
  return (
    <>
      {field.options && (
        <Offers
          options={field.options}
          value={draft}
          readOnly={readOnly}
          labelledBy={labelledBy}
          onPick={on.onSend}
        />
      )}
      {language === "" ? (
        area
      ) : (
        <Tabs
          id={`${id}-tabs`}
          label={words.modes}
          tabs={[
            { id: "write", name: words.write },
            { id: "preview", name: words.preview },
          ]}
          chosen={tab}
          onChoose={setTab}
        >
          <div hidden={tab !== "write"}>{area}</div>
          {tab === "preview" && <Preview text={draft} language={language} />}
        </Tabs>
      )}
      {original !== "" && original !== settled && (
        <Difference original={original} revised={settled} isCode={isCode} />
      )}
    </>
  );
}

/** A revision is a text; long texts and texts of several lines are easier to read in the field. */
function sent(field: Field, draft: string): Sent | null {
  if (field.kind !== "text") return null;
  const { key, original } = field;
  const type = key === undefined ? strings.question.text : strings.question.oneKey;
  const isPlain = original !== "" && key === undefined;
  if (isPlain || draft.length > SHORT || draft.includes("\n")) return { type, json: "" };
  const json = JSON.stringify(draft);
  return { type, json: key === undefined ? json : `{${JSON.stringify(key)}: ${json}}` };
}

/** While a person types a long text, comparing and counting wait for a pause. */
function useSettled(draft: string): string {
  return useLate(draft, draft.length > LARGE ? PAUSE_MS : 0);
}

function isCodeIn(language: string): boolean {
  return language !== "" && language !== "markdown";
}

function Preview({ text: draft, language }: { text: string; language: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable element must be reachable by keyboard
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a border
    <div class="preview" role="group" aria-label={words.preview} tabIndex={0}>
      {language === "markdown" ? (
        <ProseView text={draft} markdown />
      ) : (
        <CodeView text={draft} language={language} />
      )}
    </div>
  );
}

interface Compared {
  original: string;
  revised: string;
  isCode: boolean;
}

/** The length, the growth, and the invisible characters of the draft. */
function Note({ field, draft }: NoteProps) {
  const settled = useSettled(draft);
  if (field.kind !== "text") return null;
  const { original, language } = field;
  const [count, told] = isCodeIn(language) ? [countLines, words.lines] : [countWords, words.words];
  const now = count(settled);
  const unseen = unseenIn(settled);
  if (original === "" && now === 0 && unseen.length === 0) return null;
  return (
    <p class="hint counts">
      <span>{told(now, original === "" ? 0 : now - count(original))}</span>
      {original !== "" && settled === original && <span class="unchanged">{strings.question.unchanged}</span>}
      {unseen.length > 0 && <span class="warning">{words.unseen(unseen.join(", "))}</span>}
    </p>
  );
}

function Difference({ original, revised, isCode }: Compared) {
  const [beside, setBeside] = useState(false);
  return (
    <section class={isCode ? "difference code" : "difference"} aria-label={strings.question.changes}>
      <div class="difference-head">
        <span class="label">{strings.question.changes}</span>
        <button type="button" class="quiet layout" aria-pressed={beside} onClick={() => setBeside(!beside)}>
          {words.sideBySide}
        </button>
      </div>
      <Changes original={original} revised={revised} beside={beside} />
    </section>
  );
}
