/** How other clients would resume this interrupt: asked from the kernel once somebody looks. */
import { useId, useState } from "preact/hooks";
import { CopyButton } from "./copy";
import type { Question, Snippets } from "./protocol";
import type { Store } from "./store";
import { strings } from "./strings";
import { type Loaded, useSnippets } from "./use-snippets";

const { languages, ...text } = strings.snippets;
type Language = keyof typeof languages;
const LANGUAGES = Object.keys(languages) as Language[];

interface Props {
  store: Store;
  question: Question;
  draft: string;
}

export function SnippetsPanel({ store, question, draft }: Props) {
  const [open, setOpen] = useState(false);
  const loaded = useSnippets(store, question, draft, open);
  return (
    <details class="snippets" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{text.title}</summary>
      {open && <Body loaded={loaded} />}
    </details>
  );
}

function Body({ loaded }: { loaded: Loaded }) {
  switch (loaded.kind) {
    case "loading":
      return <p class="hint">{text.loading}</p>;
    case "late":
      return <p class="hint">{text.late}</p>;
    case "refused":
      return (
        <p class="problem" role="alert" dir="auto">
          {loaded.problem.message}
        </p>
      );
    case "snippets":
      return <Tabs snippets={loaded} />;
    default:
      return loaded satisfies never;
  }
}

function Tabs({ snippets }: { snippets: Snippets }) {
  const id = useId();
  const [chosen, choose] = useState<Language>("python");
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLElement }) => {
    const next = neighbour(chosen, event.key);
    if (!next) return;
    event.preventDefault();
    choose(next);
    event.currentTarget.querySelector<HTMLElement>(`[data-language=${next}]`)?.focus();
  };
  return (
    <div class="tabs">
      <div class="tabbar">
        <div role="tablist" aria-label={text.tabs} tabIndex={-1} onKeyDown={onKeyDown}>
          {LANGUAGES.map((language) => (
            <button
              type="button"
              role="tab"
              key={language}
              id={`${id}-${language}`}
              data-language={language}
              aria-selected={language === chosen}
              aria-controls={`${id}-panel`}
              tabIndex={language === chosen ? 0 : -1}
              onClick={() => choose(language)}
            >
              {languages[language]}
            </button>
          ))}
        </div>
        <CopyButton text={snippets[chosen]} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a panel without controls takes the focus itself */}
      <pre id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${chosen}`} tabIndex={0}>
        {snippets[chosen]}
      </pre>
    </div>
  );
}

/** The tab that an arrow key leads to, going round at the ends. */
function neighbour(chosen: Language, key: string): Language | undefined {
  const index = LANGUAGES.indexOf(chosen);
  switch (key) {
    case "ArrowRight":
      return LANGUAGES[(index + 1) % LANGUAGES.length];
    case "ArrowLeft":
      return LANGUAGES.at(index - 1);
    case "Home":
      return LANGUAGES[0];
    case "End":
      return LANGUAGES.at(-1);
    default:
      return undefined;
  }
}
