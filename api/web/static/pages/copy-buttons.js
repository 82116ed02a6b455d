// Buttons that copy: `<button data-copies="curl">` copies what the element with the id `curl` says.

const SAID_MS = 2000;

export async function copyChosen(event) {
  const button = event.target.closest('[data-copies]');
  if (!button) return;
  const told = await copied(document.getElementById(button.dataset.copies));
  const before = button.dataset.says ?? button.textContent;
  button.dataset.says = before;
  button.textContent = told;
  setTimeout(() => { button.textContent = before; }, SAID_MS);
}

async function copied(block) {
  try {
    await navigator.clipboard.writeText(block.textContent);
    return 'Copied';
  } catch { // no clipboard without HTTPS: select it, for the person to copy
    getSelection().selectAllChildren(block);
    return 'Selected: press Ctrl+C';
  }
}
