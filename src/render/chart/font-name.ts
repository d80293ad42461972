/** The name under which the letters of the project are known to the canvas; no font of the machine has it. */
export const FONT = 'Relaylens Sans';

/** Latin, Greek and Cyrillic come from it; other letters from the machine, where it has them, and as boxes where not. */
export const FONTS = `'${FONT}', 'Segoe UI', 'Microsoft YaHei', 'Malgun Gothic', 'PingFang SC', 'Noto Sans CJK JP', 'Noto Sans Arabic', 'DejaVu Sans', sans-serif`;
