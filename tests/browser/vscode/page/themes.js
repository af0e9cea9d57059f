/** Colours of VS Code's own themes, by the names in its settings; each becomes a variable of the webview. */
const FONTS = {
  "font-family": "system-ui, Ubuntu, 'Droid Sans', sans-serif",
  "font-size": "13px",
  "editor-font-family": "'Droid Sans Mono', monospace",
  "editor-font-size": "14px",
};

export const THEMES = {
  dark: {
    "editor-background": "#1f1f1f",
    "editor-foreground": "#cccccc",
    "foreground": "#cccccc",
    "descriptionForeground": "#9d9d9d",
    "errorForeground": "#f85149",
    "focusBorder": "#0078d4",
    "input-background": "#313131",
    "input-foreground": "#cccccc",
    "input-border": "#3c3c3c",
    "panel-border": "#2b2b2b",
    "button-background": "#0078d4",
    "button-foreground": "#ffffff",
    "button-hoverBackground": "#026ec1",
    "editorWarning-foreground": "#cca700",
    "testing-iconPassed": "#73c991",
    "textLink-foreground": "#4daafc",
    "debugTokenExpression-name": "#c586c0",
    "debugTokenExpression-number": "#b5cea8",
    "debugTokenExpression-string": "#ce9178",
    "symbolIcon-keywordForeground": "#cccccc",
  },
  light: {
    "editor-background": "#ffffff",
    "editor-foreground": "#3b3b3b",
    "foreground": "#3b3b3b",
    "descriptionForeground": "#3b3b3b",
    "errorForeground": "#f85149",
    "focusBorder": "#005fb8",
    "input-background": "#ffffff",
    "input-foreground": "#3b3b3b",
    "input-border": "#cecece",
    "panel-border": "#e5e5e5",
    "button-background": "#005fb8",
    "button-foreground": "#ffffff",
    "button-hoverBackground": "#0258a8",
    "editorWarning-foreground": "#bf8803",
    "testing-iconPassed": "#73c991",
    "textLink-foreground": "#005fb8",
    "debugTokenExpression-name": "#9b46b0",
    "debugTokenExpression-number": "#098658",
    "debugTokenExpression-string": "#a31515",
    "symbolIcon-keywordForeground": "#3b3b3b",
  },
  // A high contrast theme leaves some colours out, such as those of a button's background.
  "high-contrast": {
    "editor-background": "#000000",
    "editor-foreground": "#ffffff",
    "foreground": "#ffffff",
    "descriptionForeground": "rgba(255, 255, 255, 0.7)",
    "errorForeground": "#f48771",
    "focusBorder": "#f38518",
    "contrastBorder": "#6fc3df",
    "input-background": "#000000",
    "input-foreground": "#ffffff",
    "input-border": "#6fc3df",
    "panel-border": "#6fc3df",
    "button-foreground": "#ffffff",
    "button-border": "#6fc3df",
    "editorWarning-foreground": "#ffd370",
    "testing-iconPassed": "#73c991",
    "textLink-foreground": "#21a6ff",
  },
};

/** The webview's root has the variables, and its body the name of the theme. */
export function setTheme(name) {
  const { style } = document.documentElement;
  for (const each of [...style].filter((one) => one.startsWith("--vscode-"))) style.removeProperty(each);
  for (const [each, value] of Object.entries({ ...FONTS, ...THEMES[name] })) {
    style.setProperty(`--vscode-${each}`, value);
  }
  document.body.className = `vscode-body vscode-${name}`;
  document.body.dataset.vscodeThemeKind = `vscode-${name}`;
}
