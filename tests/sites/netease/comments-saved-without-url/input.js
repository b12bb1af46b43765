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
"createTime": "2026-01-10 10:00:00",
"favCount": 0,
"ip": "203.0.*.*",
"isDel": false,
"postId": "KTEST0AB0511WXYZ_7501",
"productKey": "a2869674571f77b5a0867c3d71db5856",
"shareCount": 0,
"siteName": "网易",
"source": "ph",
"user": {
"userId": 9001,
"location": "湖北武汉",
"nickname": "巷口小店"
},
"vote": 41
}
},
"newListSize": 1
});