/** Switches between light and dark. */
import { MoonIcon, SunIcon } from "./icons.tsx";
import { switchTheme, useTheme } from "./theme.ts";

export function ThemeButton() {
  const theme = useTheme();
  const label = theme === "dark" ? "Light table" : "Dark table";
  return (
    <button type="button" className="tool" onClick={switchTheme} aria-label={label} title={label} data-testid="theme">
      {theme === "dark" ? <SunIcon /> : <MoonIcon />}
    </button>
  );
}
