// What a screen reader is to say though nothing that is read has the focus: short, and only what changes what one does next.

export const announce = (text) => { document.getElementById('announced').textContent = text; };
