getData(
{
"commentIds": [
"7501"
],
"comments": {
"7501": {
"against": 0,
"anonymous": false,
"buildLevel": 1,
"commentId": 7501,
"content": "价格牌换得比菜单快",
"createTime": "2026-01-10