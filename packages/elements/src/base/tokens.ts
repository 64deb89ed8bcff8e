/**
 * Design tokens as CSS custom properties. A page overrides `--zc-…` on any ancestor; elder mode (适老) swaps sizes.
 *
 * Sizes follow the public rules for elder-friendly apps: body text at least 18, targets of 60 in elder mode and 44
 * otherwise, line height at least 1.3.
 */
import { type CSSResult, css } from 'lit'

export const tokens: CSSResult = css`
  :host {
    --_primary: var(--zc-color-primary, #1557b0);
    --_primary-strong: var(--zc-color-primary-strong, #0e3f85);
    --_primary-soft: var(--zc-color-primary-soft, #eaf2fc);
    --_text: var(--zc-color-text, #1d2530);
    --_text-soft: var(--zc-color-text-soft, #4c5867);
    --_line: var(--zc-color-line, #d5dce5);
    --_surface: var(--zc-color-surface, #ffffff);
    --_surface-soft: var(--zc-color-surface-soft, #f5f7fa);
    --_good: var(--zc-color-good, #14683a);
    --_good-soft: var(--zc-color-good-soft, #e6f4ec);
    --_warn: var(--zc-color-warn, #7a4b00);
    --_warn-soft: var(--zc-color-warn-soft, #fdf3df);
    --_bad: var(--zc-color-bad, #a3121a);
    --_bad-soft: var(--zc-color-bad-soft, #fdeaea);
    --_radius: var(--zc-radius, 8px);
    --_base: var(--zc-font-size, 16px);
    --_leading: 1.5;
    --_target: 44px;
    --_ring: 3px;
    --_space: 16px;

    display: block;
    box-sizing: border-box;
    color: var(--_text);
    font-family: var(
      --zc-font-family,
      system-ui,
      "PingFang SC",
      "Microsoft YaHei",
      "Noto Sans CJK SC",
      "Source Han Sans SC",
      sans-serif
    );
    font-size: var(--_base);
    line-height: var(--_leading);
  }

  :host([ui-style="elder"]) {
    --_base: var(--zc-font-size-elder, 22px);
    --_leading: 1.6;
    --_target: 60px;
    --_ring: 4px;
    --_space: 20px;
    --_text-soft: #333d49;
    --_primary: #0e3f85;
  }

  :host([hidden]) {
    display: none;
  }

  *,
  *::before,
  *::after {
    box-sizing: inherit;
  }
`

export const controls: CSSResult = css`
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.5em;
    min-block-size: var(--_target);
    min-inline-size: var(--_target);
    padding-inline: 1.25em;
    border: 1px solid var(--_primary);
    border-radius: var(--_radius);
    background: var(--_primary);
    color: #fff;
    font: inherit;
    font-weight: 600;
    text-decoration: none;
    cursor: pointer;
  }
  .button:hover {
    background: var(--_primary-strong);
  }
  .button.quiet {
    background: var(--_surface);
    color: var(--_primary);
  }
  .button.quiet:hover {
    background: var(--_primary-soft);
  }
  .button:disabled {
    border-color: var(--_line);
    background: var(--_surface-soft);
    color: var(--_text-soft);
    cursor: default;
  }
  :focus-visible {
    outline: var(--_ring) solid var(--_primary-strong);
    outline-offset: 2px;
  }
  .card {
    padding: calc(var(--_space) * 1.25);
    border: 1px solid var(--_line);
    border-radius: calc(var(--_radius) * 1.5);
    background: var(--_surface);
  }
  .soft {
    color: var(--_text-soft);
  }
  .notice {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.75em;
    padding: 0.75em 1em;
    border-inline-start: 4px solid var(--_bad);
    border-radius: var(--_radius);
    background: var(--_bad-soft);
    color: var(--_bad);
  }
  .visually-hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: no-preference) {
    :host(:not([ui-style="elder"])) .button {
      transition: background-color 0.15s;
    }
  }
`
