/** Line icons, 20 × 20, in the colour of the text around them. */
import type { ReactNode } from "react";

const icon = (paths: ReactNode) =>
  function Icon() {
    return (
      <svg
        className="icon"
        viewBox="0 0 20 20"
        width="20"
        height="20"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        {paths}
      </svg>
    );
  };

export const PlusIcon = icon(<path d="M10 4v12M4 10h12" />);
export const MinusIcon = icon(<path d="M4 10h12" />);
export const FitIcon = icon(<path d="M3.5 7V3.5H7M13 3.5h3.5V7M16.5 13v3.5H13M7 16.5H3.5V13" />);
export const PictureIcon = icon(
  <>
    <rect x="3" y="4" width="14" height="12" rx="2" />
    <path d="m3.5 14 4-4.2 3 3 2.2-2.2 4 3.8" />
    <circle cx="12.8" cy="7.6" r="1.1" />
  </>,
);
export const EdgesIcon = icon(
  <>
    <path d="M3.5 3.5h13v13h-13z" />
    <path d="M7.5 7.5h5v5h-5z" strokeDasharray="1.6 2.4" />
  </>,
);
export const GatherIcon = icon(
  <>
    <rect x="7" y="7" width="6" height="6" rx="1" />
    <path d="M10 4.6V2.4M10 17.6v-2.2M4.6 10H2.4M17.6 10h-2.2M8.8 3.4 10 2.2l1.2 1.2M8.8 16.6l1.2 1.2 1.2-1.2M3.4 8.8 2.2 10l1.2 1.2M16.6 8.8l1.2 1.2-1.2 1.2" />
  </>,
);
export const SunIcon = icon(
  <>
    <circle cx="10" cy="10" r="3.2" />
    <path d="M10 2.6v1.6M10 15.8v1.6M2.6 10h1.6M15.8 10h1.6M4.8 4.8l1.1 1.1M14.1 14.1l1.1 1.1M15.2 4.8l-1.1 1.1M5.9 14.1l-1.1 1.1" />
  </>,
);
export const MoonIcon = icon(<path d="M16.2 11.8A6.6 6.6 0 0 1 8.2 3.8a6.6 6.6 0 1 0 8 8Z" />);
export const SoundIcon = icon(<path d="M3.5 8v4h2.6l3.4 3V5L6.1 8zM12.6 7.4a3.8 3.8 0 0 1 0 5.2M14.9 5.2a7 7 0 0 1 0 9.6" />);
export const MuteIcon = icon(<path d="M3.5 8v4h2.6l3.4 3V5L6.1 8zM13 8l4 4M17 8l-4 4" />);
export const KeysIcon = icon(
  <>
    <rect x="2.5" y="5.5" width="15" height="9" rx="2" />
    <path d="M5.6 8.4h.01M8.5 8.4h.01M11.5 8.4h.01M14.4 8.4h.01M7 11.6h6" />
  </>,
);
export const LinkIcon = icon(
  <path d="M8.4 11.6a3 3 0 0 0 4.3 0l2.6-2.6a3 3 0 0 0-4.3-4.3l-1 1M11.6 8.4a3 3 0 0 0-4.3 0L4.7 11a3 3 0 0 0 4.3 4.3l1-1" />,
);
export const PanelIcon = icon(
  <>
    <rect x="3" y="4" width="14" height="12" rx="2" />
    <path d="M12.2 4v12" />
  </>,
);
export const CloseIcon = icon(<path d="m5 5 10 10M15 5 5 15" />);
export const BackIcon = icon(<path d="M12 4.5 6.5 10l5.5 5.5" />);
export const DownloadIcon = icon(<path d="M10 3.5v9M6.4 9.2 10 12.8l3.6-3.6M4 16.5h12" />);

/** The mark: one piece. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
      <path
        fill="currentColor"
        d="M4 8.5a2 2 0 0 1 2-2h6.1a3.9 3.9 0 1 1 7.3 0H26a2 2 0 0 1 2 2v5.6a3.9 3.9 0 1 0 0 7.3V27a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2z"
      />
    </svg>
  );
}
