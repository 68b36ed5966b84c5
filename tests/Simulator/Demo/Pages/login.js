// LINE's login screen: goes back to the page that asked, as the user chosen.
const users = await (await fetch('/liff/users')).json();
const asked = new URLSearchParams(location.search).get('redirect');
for (const { userId, name } of users) {
  const choice = document.createElement('button');
  choice.textContent = name;
  choice.addEventListener('click', () => {
    const back = new URL(asked);
    back.searchParams.set('liffUser', userId);
    location.replace(back);
  });
  document.getElementById('choices').append(choice);
}
