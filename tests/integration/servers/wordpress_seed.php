<?php
// Installs and fills a WordPress: php wordpress_seed.php FOLDER ADDRESS; prints the truth as JSON.
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = parse_url($argv[2], PHP_URL_HOST);
require $argv[1] . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
add_filter('pre_wp_mail', '__return_true');
wp_install('港口觀察', 'editor', 'editor@example.org', true, '', 'pw');
wp_delete_post(1, true);
$options = ['timezone_string' => 'Asia/Taipei', 'permalink_structure' => '/%year%/%monthnum%/%postname%/',
    'comments_per_page' => 20, 'page_comments' => 1, 'thread_comments' => 1];
foreach ($options as $name => $value) update_option($name, $value);
mt_srand(7);
$truth = [];
for ($i = 0; $i < 12; $i++) {
    $at = sprintf('2025-%02d-%02d %02d:%02d:00', 1 + $i, 1 + ($i * 5) % 27, $i, ($i * 7) % 60);
    $line = "第{$i}篇：昇騰伺服器在港口的調度系統裡跑了三個月，工程師說驅動比去年穩定，但工具鏈還要改。";
    $post = wp_insert_post(['post_title' => "調度日誌{$i}", 'post_content' => str_repeat("<p>$line</p>", 4),
        'post_status' => 'publish', 'post_author' => 1, 'post_date' => $at,
        'post_date_gmt' => get_gmt_from_date($at), 'post_name' => "log-$i", 'comment_status' => 'open']);
    $ids = [];
    for ($c = 0; $c < ($i % 6) * 9; $c++) {
        $parent = ($c % 3 == 2) ? $ids[mt_rand(max(0, count($ids) - 6), count($ids) - 1)] : 0;
        $when = date('Y-m-d H:i:s', strtotime($at) + 600 * ($c + 1));
        $text = "第{$c}樓：这个调度我在后台看过，干得不错（{$i}-{$c}）。";
        $ids[] = $id = wp_insert_comment(['comment_post_ID' => $post, 'comment_author' => '讀者' . $c % 11,
            'comment_content' => $text, 'comment_parent' => $parent, 'comment_date' => $when,
            'comment_date_gmt' => get_gmt_from_date($when), 'comment_approved' => 1]);
        $truth[] = [(string) $id, $parent ? (string) $parent : null, $text, get_gmt_from_date($when, 'c')];
    }
    wp_update_comment_count($post);
}
fwrite(STDERR, json_encode($truth));
