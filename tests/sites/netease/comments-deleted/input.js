getData(
{
"commentIds": [
"7511",
"7512"
],
"comments": {
"7511": {
"against": 0,
"anonymous": false,
"buildLevel": 1,
"commentId": 7511,
"content": "",
"createTime": "2026-01-10 12:00:00",
"favCount": 0,
"ip": "203.0.*.*",
"isDel": true,
"postId": "KTEST0AB0511WXYZ_7511",
"productKey": "a2869674571f77b5a0867c3d71db5856",
"shareCount": 0,
"siteName": "网易",
"source": "ph",
"user": {
"userId": 9003,
"location": "湖北武汉",
"nickname": "路人"
},
"vote": 0
},
"7512": {
"against": 0,
"anonymous": false,
"buildLevel": 1,
"commentId": 7512,
"content": "还在",
"createTime": "2026-01-10 12:01:00",
"favCount": 0,
"ip": "203.0.*.*",
"isDel": false,
"postId": "KTEST0AB0511WXYZ_7512",
"productKey": "a2869674571f77b5a0867c3d71db5856",
"shareCount": 0,
"siteName": "网易",
"source": "ph",
"user": {
"userId": 9004,
"location": "湖北武汉",
"nickname": "路人乙"
},
"vote": 0
}
},
"newListSize": 64
});