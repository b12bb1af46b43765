getData(
{
"commentIds": [
"7514",
"7515"
],
"comments": {
"7514": {
"against": 0,
"anonymous": false,
"buildLevel": 1,
"commentId": 7514,
"content": "时间坏了",
"createTime": "soon",
"favCount": 0,
"ip": "203.0.*.*",
"isDel": false,
"postId": "KTEST0AB0511WXYZ_7514",
"productKey": "a2869674571f77b5a0867c3d71db5856",
"shareCount": 0,
"siteName": "网易",
"source": "ph",
"user": {
"userId": 9006,
"location": "湖北武汉",
"nickname": "钟表匠"
},
"vote": 0
},
"7515": {
"against": 0,
"anonymous": true,
"buildLevel": 1,
"commentId": 7515,
"content": null,
"createTime": "2026-01-10 12:03:00",
"favCount": 0,
"ip": "203.0.*.*",
"isDel": false,
"postId": "KTEST0AB0511WXYZ_7515",
"productKey": "a2869674571f77b5a0867c3d71db5856",
"shareCount": 0,
"siteName": "网易",
"source": "ph",
"user": {
"userId": 0,
"location": "湖北武汉"
},
"vote": 0
}
},
"newListSize": 2
});