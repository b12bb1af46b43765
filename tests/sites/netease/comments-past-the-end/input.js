getData(
{
"commentIds": [],
"comments": {},
"newListSize": 61
});