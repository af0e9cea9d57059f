/** Tabs over a single panel; arrow keys choose a tab. */
import type { ComponentChildren } from "preact";

interface Props<T extends string> {
  id: string;
  label: string;
  /** The choices, each with a name. */
  tabs: readonly { id: T; name: string }[];
  chosen: T;
  onChoose: (tab: NoInfer<T>) => void;
  /** Beside the tabs. */
  aside?: ComponentChildren;
  children: ComponentChildren;
}

export function Tabs<T extends string>({ id, label, tabs, chosen, onChoose, aside, children }: Props<T>) {
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLElement }) => {
    const next =
      tabs[
        target(
          event.key,
          tabs.findIndex((tab) => tab.id === chosen),
          tabs.length,
        )
      ];
    if (!next) return;
    event.preventDefault();
    onChoose(next.id);
    event.currentTarget.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return (
    <div class="tabs">
      <div class="tabbar">
        <div role="tablist" aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
          {tabs.map((tab) => (
            <button
              type="button"
              role="tab"
              key={tab.id}
              id={`${id}-${tab.id}`}
              data-tab={tab.id}
              aria-selected={tab.id === chosen}
              aria-controls={`${id}-panel`}
              tabIndex={tab.id === chosen ? 0 : -1}
              onClick={() => onChoose(tab.id)}
            >
              {tab.name}
            </button>
          ))}
        </div>
        {aside}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${chosen}`}>
        {children}
      </div>
    </div>
  );
}

/** The tab to which a key leads, going round at the ends; -1 for other keys. */
function target(key: string, index: number, count: number): number {
  switch (key) {
    case "ArrowRight":
      return (index + 1) % count;
    case "ArrowLeft":
      return (index + count - 1) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return -1;
  }
}
